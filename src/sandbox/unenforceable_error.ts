/** A policy cannot be obeyed, so that nothing may run or be touched under it. */
export class UnenforceableError extends Error {
  override readonly name = "UnenforceableError";
}
