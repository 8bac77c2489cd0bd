/** Starts a program through the C library. */
import { constants } from "node:os";
import type { SpawnRequest } from "../../host/child_process.ts";
import { cString, cStringArray } from "./c_strings.ts";
import type { Libc } from "./libc.ts";
import { systemError } from "./system_error.ts";

/** More than any C library's `posix_spawnattr_t`, `posix_spawn_file_actions_t` or `sigset_t` (336 bytes). */
const structBytes = 1024;

/** A descriptor of this process that a child has beside its standard ones, under a number of its own. */
export interface PassedDescriptor {
  readonly source: number;
  /** Beyond 2. The source itself, or a number that no descriptor has that is passed on after it. */
  readonly number: number;
}

/** What a child has under one of its descriptors: a descriptor of this process or of its own, or a file that it opens. */
export type ChildDescriptor = number | { readonly path: Uint8Array };

/**
 * Starts a program as leader of a new session. Signals are at their defaults and none is blocked, whatever this process
 * has set for itself.
 *
 * @param standard its descriptors 0, 1 and 2, made in this order. A path has a NUL behind it and is opened for reading
 * and writing; if it is a terminal's, it becomes the controlling terminal.
 * @param passed beside those, made after them and in this order
 * @returns the process id
 * @throws {Error} with `code`, such as `"ENOENT"`; nothing is left behind
 * @throws {TypeError} when the request holds a NUL character
 */
export function spawnSession(
  libc: Libc,
  request: SpawnRequest,
  standard: readonly ChildDescriptor[],
  passed: readonly PassedDescriptor[] = [],
): number {
  using call = prepareCall(libc, request, standard, passed);
  return call.pid(libc.c.posix_spawn(...call.args));
}

/**
 * The same on another thread, which waits as long as the file systems of the program and of its directory do.
 *
 * @throws {Error} with `code`, such as `"ENOENT"`; nothing is left behind
 */
export async function spawnSessionOffThread(
  libc: Libc,
  request: SpawnRequest,
  standard: readonly ChildDescriptor[],
  passed?: readonly PassedDescriptor[],
): Promise<number> {
  using call = prepareCall(libc, request, standard, passed);
  return call.pid(await libc.spawnOffThread(...call.args));
}

/** The arguments of `posix_spawn`. */
export type SpawnArguments = Parameters<Libc["c"]["posix_spawn"]>;

interface SpawnCall extends Disposable {
  readonly args: SpawnArguments;
  /** The child's number, after a call that gave this result. */
  pid(result: number): number;
}

function prepareCall(
  libc: Libc,
  request: SpawnRequest,
  standard: readonly ChildDescriptor[],
  passed: readonly PassedDescriptor[] = [],
): SpawnCall {
  const { c } = libc;
  const program = cString(request.program);
  const cwd = cString(request.cwd);
  const argv = cStringArray([request.argv0, ...request.args], libc);
  const envp = cStringArray(Object.entries(request.env).map(([name, value]) => `${name}=${value}`), libc);
  const attributes = new Uint8Array(structBytes);
  const fileActions = new Uint8Array(structBytes);
  const pid = new Int32Array(1);
  checked("posix_spawnattr_init", c.posix_spawnattr_init(attributes));
  checked("posix_spawn_file_actions_init", c.posix_spawn_file_actions_init(fileActions));
  const call: SpawnCall = {
    args: [new Uint8Array(pid.buffer), program, fileActions, attributes, argv, envp],
    pid(result) {
      checked(`Starting "${request.program}" in "${request.cwd}"`, result);
      return pid[0]!;
    },
    [Symbol.dispose]() {
      c.posix_spawn_file_actions_destroy(fileActions);
      c.posix_spawnattr_destroy(attributes);
    },
  };
  try {
    setAttributes(libc, attributes);
    addFileActions(libc, fileActions, standard, passed, cwd);
    return call;
  } catch (error) {
    call[Symbol.dispose]();
    throw error;
  }
}

function setAttributes({ c, platform }: Libc, attributes: Uint8Array): void {
  const signals = new Uint8Array(structBytes);
  c.sigemptyset(signals);
  checked("posix_spawnattr_setsigmask", c.posix_spawnattr_setsigmask(attributes, signals));
  // Every bit, also those of the C library's own signals, which `sigfillset` leaves out and which would be ignored.
  signals.fill(0xff);
  // These two have no other disposition, and asking for it is an error on some systems.
  c.sigdelset(signals, constants.signals.SIGKILL);
  c.sigdelset(signals, constants.signals.SIGSTOP);
  checked("posix_spawnattr_setsigdefault", c.posix_spawnattr_setsigdefault(attributes, signals));
  checked("posix_spawnattr_setflags", c.posix_spawnattr_setflags(attributes, platform.spawnFlags));
}

function addFileActions(
  { c, platform }: Libc,
  actions: Uint8Array,
  standard: readonly ChildDescriptor[],
  passed: readonly PassedDescriptor[],
  cwd: Uint8Array,
): void {
  const duplicate = (source: number, descriptor: number) =>
    checked(
      "posix_spawn_file_actions_adddup2",
      c.posix_spawn_file_actions_adddup2(actions, source, descriptor),
    );
  standard.forEach((source, descriptor) => {
    if (typeof source === "number") duplicate(source, descriptor);
    else {
      checked(
        "posix_spawn_file_actions_addopen",
        c.posix_spawn_file_actions_addopen(actions, descriptor, source.path, platform.O_RDWR, 0),
      );
    }
  });
  // One that keeps its number loses by this only what would close it.
  for (const { source, number } of passed) duplicate(source, number);
  checked("posix_spawn_file_actions_addchdir_np", c.posix_spawn_file_actions_addchdir_np(actions, cwd));
}

/** The functions of this family return the error instead of setting `errno`. */
function checked(call: string, errno: number): void {
  if (errno !== 0) throw systemError(call, errno);
}
