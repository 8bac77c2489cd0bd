/** Something that a fleet cannot do, with its remedy. */
export class FleetError extends Error {
  override readonly name: string = "FleetError";
}
