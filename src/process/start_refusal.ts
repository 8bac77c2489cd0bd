/** Words why a child could not be started. */
import { StartError } from "../native/start_error.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import type { ChildOptions } from "./child_options.ts";

/** Words a failure of the operating system. */
export type Explain = (text: string, code: string | undefined) => StartError;

/** The directory cannot be started in. */
export const explainDirectory = ({ cwd }: ChildOptions): Explain => (text, code) =>
  startError(`${text}: cannot start in cwd "${cwd}"`, code);

/** The program cannot be run. */
export const explainProgram = ({ argv }: ChildOptions): Explain => (text, code) =>
  startError(`${text}: cannot run program "${argv[0]}"${remedies[code ?? ""] ?? ""}`, code);

/**
 * The program is not found. On a terminal the reference server looks in PATH itself, and has no word for what it does
 * not find.
 */
export const explainSearch = (options: ChildOptions): Explain => (text, code) =>
  explainProgram(options)(text, options.terminal && !options.argv[0]!.includes("/") ? undefined : code);

/** What to do about what has nothing to do with the program. */
const remedies: Record<string, string> = {
  EAGAIN:
    "; no more processes may be made: let some end, or raise the limit (ulimit -u, TasksMax, --pids-limit)",
  ENOMEM: "; there is no memory for it: let some processes end",
  EMFILE:
    "; the server has too many files open: close some, let processes end, or raise its limit (ulimit -n)",
  ENFILE: "; this machine has too many files open: close some, or raise fs.file-max",
  E2BIG: "; its arguments and variables together, or one of them, are larger than a program may be given",
};

/** Runs a call of the operating system and words its failure. */
export function attempt<T>(call: () => T, explain: Explain): T {
  try {
    return call();
  } catch (error) {
    return rethrow(explain)(error);
  }
}

/** The same for a promise: what it is rejected with. */
export function rethrow(explain: Explain): (error: unknown) => never {
  return (error) => {
    if (error instanceof StartError) throw error; // It is worded.
    const code = osErrorCode(error);
    const text = code ? osErrorText(code) : (error as Error).message;
    throw Object.assign(explain(text, code), { cause: error });
  };
}

/** @param code the operating system's */
export function startError(message: string, code: string | undefined): StartError {
  const reason = code === "ENOENT"
    ? "notFound"
    : code === "EACCES" || code === "EPERM"
    ? "permissionDenied"
    : "other";
  return new StartError(reason, message);
}
