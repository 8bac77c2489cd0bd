/** A program that waits to be run, by what the kernel tells of it. */
import { constants } from "node:os";
import type {
  ExecQuestion,
  OnExec,
  PendingExec,
  Replacement,
  StandardDescriptors,
} from "../../../host/pending_exec.ts";
import { osErrorCode } from "../../../native/os_errors.ts";
import type { Libc } from "../../posix/libc.ts";
import type { Shared } from "../../posix/prepared_child.ts";
import type { CallHandlers } from "../notify/call_listener.ts";
import type { NotifiedCall } from "../notify/notified_call.ts";
import { readExec } from "./read_exec.ts";

const { EFAULT, EPERM, ESRCH } = constants.errno;

/**
 * Who decides about each program that a child and its descendants run.
 *
 * @param own the child's own, which the runner is about to run: that lets nobody look at its memory
 */
export function execHandlers(shared: Shared, own: Omit<ExecQuestion, "pid">, onExec: OnExec): CallHandlers {
  let isFirst = true;
  const decide = (call: NotifiedCall) => {
    const question = isFirst ? { ...own, pid: call.pid } : questionOf(shared.libc, call);
    isFirst = false;
    if (question) onExec(new WaitingExec(shared, call, question));
  };
  return { execve: decide, execveat: decide };
}

/** Undefined where there is nothing to decide: the kernel could not read it either, or nobody waits any more. */
function questionOf(libc: Libc, call: NotifiedCall): ExecQuestion | undefined {
  let question: ExecQuestion;
  try {
    question = readExec(libc, call);
  } catch (error) {
    const code = osErrorCode(error);
    if (code === "EFAULT" || code === "ESRCH") {
      call.fail(code === "EFAULT" ? EFAULT : ESRCH);
      return undefined;
    }
    question = { pid: call.pid, path: "", argv: [], cwd: "" };
  }
  // What was read is another's where its number has been given to another meanwhile.
  return call.isWaiting() ? question : undefined;
}

class WaitingExec implements PendingExec {
  readonly pid: number;
  readonly path: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly #shared: Shared;
  readonly #call: NotifiedCall;

  constructor(shared: Shared, call: NotifiedCall, { pid, path, argv, cwd }: ExecQuestion) {
    this.pid = pid;
    this.path = path;
    this.argv = argv;
    this.cwd = cwd;
    this.#shared = shared;
    this.#call = call;
  }

  isWaiting(): boolean {
    return this.#call.isWaiting();
  }

  allow(): void {
    this.#call.goOn();
  }

  deny(): void {
    this.#call.fail(EPERM);
  }

  async replace(start: (standard: StandardDescriptors) => Promise<Replacement>): Promise<void> {
    const { replaceExec } = await import("./replace_exec.ts");
    try {
      await replaceExec(this.#shared, this.#call, start);
    } catch (error) {
      const { errno } = error as { errno?: unknown };
      this.#call.fail(typeof errno === "number" && errno > 0 ? errno : numberOf(osErrorCode(error)));
      throw error;
    }
  }
}

function numberOf(code: string | undefined): number {
  return constants.errno[code as keyof typeof constants.errno] ?? EPERM;
}
