/** Bash and others end so when a system call was forbidden: 128 + SIGSYS. */
const forbiddenCall = 159;

/** What programs say when a sandbox stops them, in lower case. */
const words = [
  "operation not permitted",
  "permission denied",
  "read-only file system",
  "seccomp",
  "sandbox",
  "landlock",
  "failed to write file",
];

const decoder = new TextDecoder("latin1");

/**
 * Whether a sandbox seems to have stopped a process, as the reference server guesses it: by how it ended, and by what it
 * said before.
 *
 * @param output what is retained of all its streams, in its order: words may be split over pieces
 */
export function seemsDenied(exitCode: number, output: readonly Uint8Array[]): boolean {
  if (exitCode === 0) return false;
  if (exitCode === forbiddenCall) return true;
  const said = output.map((bytes) => decoder.decode(bytes)).join("").toLowerCase();
  return words.some((word) => said.includes(word));
}
