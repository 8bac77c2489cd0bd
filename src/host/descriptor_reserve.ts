/**
 * The descriptors that this program keeps back, so that it can be reached, files be read and processes be ended when its
 * clients have used up all others.
 */
export interface DescriptorReserve {
  /** How many descriptors this program may have; `Infinity` where there is no limit. */
  readonly limit: number;
  /** Whether no more are free than are kept back, or than a share of those. */
  isShort(share?: number): boolean;
}
