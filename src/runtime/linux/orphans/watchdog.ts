/**
 * The watchdog: a process that waits for the end of its program, in whatever way that comes, and then ends what the program
 * leaves. While it waits it is the runner alone, in a call that reads a pipe of which the program has the other end.
 */
import { constants } from "node:os";
import { env } from "node:process";
import { cString } from "../../posix/c_strings.ts";
import type { Libc } from "../../posix/libc.ts";
import { openPipe } from "../../posix/pipe.ts";
import { type PassedDescriptor, spawnSession } from "../../posix/posix_spawn.ts";
import { CallList } from "../runner/call_list.ts";
import { listDescriptor } from "../runner/layout.ts";
import { runnerProgram } from "../runner/program.ts";
import type { Processor } from "../runner/system_calls.ts";
import { keepApart, memoryFile } from "../sandbox/memory_file.ts";
import { endScript } from "./end_script.ts";

const PR_SET_NAME = 15;
const SIG_IGN = 1;
const signalSetBytes = 8;

/** The signals that end a whole terminal, group or service at once: what remains is then to be ended by somebody. */
const ignored = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGPIPE"] as const;

const name = "exec-server-end";

/** What a watchdog is to end. */
export interface WatchdogOptions {
  readonly processor: Processor;
  /** The descriptor of the file of sessions. */
  readonly sessions: number;
  /** Directories of control groups. */
  readonly trees: readonly string[];
  /** A group of its own, which it removes at last. */
  readonly ownGroup?: string | undefined;
}

/**
 * Starts one. It waits as long as this program holds the other end of its pipe, which no child is given.
 *
 * @returns its number
 * @throws {Error} with `code`, such as `"EMFILE"`; nothing is left behind
 */
export function startWatchdog(libc: Libc, { processor, sessions, trees, ownGroup }: WatchdogOptions): number {
  const open: number[] = [];
  const keep = (descriptor: number) => {
    open.push(descriptor);
    return descriptor;
  };
  const pipe = openPipe(libc);
  try {
    const end = keep(apart(libc, pipe.read, pipe.write));
    const runner = keep(memoryFile(libc, runnerProgram(processor), "program"));
    const args = [String(sessions), ownGroup ?? "", ...trees];
    const list = keep(memoryFile(libc, waitThenEnd({ processor, end, runner, args }).encode(), "data"));
    const passed: PassedDescriptor[] = [end, runner, sessions].map((number) => ({ source: number, number }));
    const nothing = { path: cString("/dev/null") };
    const pid = spawnSession(
      libc,
      { program: `/proc/self/fd/${runner}`, argv0: name, args: [], cwd: "/", env: {} },
      [nothing, nothing, nothing],
      [...passed, { source: list, number: listDescriptor }],
    );
    return pid;
  } catch (error) {
    libc.c.close(pipe.write);
    throw error;
  } finally {
    for (const descriptor of open) libc.c.close(descriptor);
  }
}

/** @throws {Error} with `code` EMFILE; both ends are closed then */
function apart(libc: Libc, read: number, write: number): number {
  try {
    return keepApart(libc, read);
  } catch (error) {
    libc.c.close(read);
    libc.c.close(write);
    throw error;
  }
}

interface Waiting {
  readonly processor: Processor;
  /** The descriptor whose end is waited for. */
  readonly end: number;
  readonly runner: number;
  readonly args: readonly string[];
}

function waitThenEnd({ processor, end, runner, args }: Waiting): CallList {
  const list = new CallList(processor);
  for (const descriptor of [listDescriptor, runner]) list.attempt("close", descriptor);
  list.attempt("prctl", PR_SET_NAME, list.text(name), 0, 0, 0);
  // Of the structure only the first word is not 0, whatever else a processor has in it.
  const ignore = list.words(SIG_IGN, 0, 0, 0);
  for (const signal of ignored) {
    list.attempt("rt_sigaction", constants.signals[signal], ignore, 0, signalSetBytes);
  }
  const path = [env.PATH, "/usr/bin:/bin"].filter((part) => part).join(":");
  return list
    .call("read", end, list.bytes(new Uint8Array(8)), 1)
    .call(
      "execve",
      list.text("/bin/sh"),
      list.texts(["sh", "-c", endScript, name, ...args]),
      list.texts([`PATH=${path}`]),
    );
}
