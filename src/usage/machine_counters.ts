/** What a system tells of itself as a whole. */
export interface MachineCounters {
  readonly cores: number;
  /** Milliseconds for which its processors have worked, all together. */
  readonly busyMs: number;
  /** In bytes. */
  readonly memory: { readonly total: number; readonly available: number };
  readonly load: readonly number[];
  readonly uptimeMs: number;
}
