/** A command line that cannot be followed: one line, exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
