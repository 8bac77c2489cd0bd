import { randomUUID } from "node:crypto";
import type { ExecServerClient } from "../client/client.ts";
import type { ServerError } from "../machine/machine_error.ts";
import { RpcError } from "../protocol/errors.ts";
import { runStatus } from "./run_status.ts";

/** The command did not start. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
  /** The exit status that says why. */
  readonly status: number;

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The numbers of operating-system errors that servers name in their refusals, as Linux has them. */
const errno = { ENOENT: 2, ENOEXEC: 8, EACCES: 13, ENOTDIR: 20, EISDIR: 21 } as const;

/**
 * Says why a command did not start, and whose fault it was.
 *
 * The protocol has one code for all reasons, so the text of the error has to tell them apart. This program's own server
 * says whether the directory or the program is at fault; the reference server only quotes the operating system.
 */
export async function explainStart(
  error: ServerError,
  client: ExecServerClient,
  { argv, cwd }: { readonly argv: readonly string[]; readonly cwd: string },
): Promise<StartFailure> {
  const options = { cause: error };
  const [, text, number] = /^(.*?) \(os error (\d+)\)/s.exec(error.message) ?? [];
  if (text === undefined) return new StartFailure(error.message, runStatus.ownFailure, options);
  const code = Number(number);
  const named = /: cannot (start in cwd|run program) /.exec(error.message)?.[1];
  const inDirectory = named ? named === "start in cwd" : await isDirectoryAtFault(code, client, cwd);
  return inDirectory
    ? new StartFailure(`Cannot start in "${nativePath(cwd)}": ${text}`, runStatus.ownFailure, options)
    : new StartFailure(`Cannot run "${argv[0]}": ${text}${hintOf(argv, code)}`, statusOf(code), options);
}

/** People give a whole command line as one word, which no shell takes apart. */
function hintOf(argv: readonly string[], code: number): string {
  const [program = "", ...rest] = argv;
  if (code !== errno.ENOENT || rest.length > 0 || !/\S\s+\S/.test(program)) return "";
  return "; this is a whole command line in one word: give its words apart, or put sh -c in front of it";
}

function nativePath(uri: string): string {
  return uri.startsWith("file:///") ? decodeURIComponent(uri.slice("file://".length)) : uri;
}

function statusOf(code: number): number {
  switch (code) {
    case errno.ENOENT:
      return runStatus.notFound;
    case errno.ENOEXEC:
    case errno.EACCES:
    case errno.ENOTDIR:
    case errno.EISDIR:
      return runStatus.notExecutable;
    default:
      return runStatus.ownFailure;
  }
}

/**
 * Whether a directory cannot be started in, asked of a server that does not say so itself: the root directory as a
 * program is refused with another error where it comes to that.
 */
async function isDirectoryAtFault(code: number, client: ExecServerClient, cwd: string): Promise<boolean> {
  if (code !== errno.ENOENT && code !== errno.ENOTDIR) return false;
  try {
    await client.start({ processId: randomUUID(), argv: ["/"], cwd, env: {}, tty: false });
    return false;
  } catch (error) {
    return error instanceof RpcError && error.message.includes(`(os error ${code})`);
  }
}
