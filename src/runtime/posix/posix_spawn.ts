/** Starts a program on a terminal. */
import { constants } from "node:os";
import type { SpawnRequest } from "../../process/child_process.ts";
import { cString, cStringArray } from "./c_strings.ts";
import type { Libc } from "./libc.ts";
import { systemError } from "./system_error.ts";

/** More than any C library's `posix_spawnattr_t`, `posix_spawn_file_actions_t` or `sigset_t` (336 bytes). */
const structBytes = 1024;

/**
 * Starts a program as leader of a new session whose controlling terminal, stdin, stdout and stderr are the terminal.
 * Signals are at their defaults and none is blocked, whatever this process has set for itself.
 *
 * @param slavePath the terminal's path, with a NUL behind it
 * @returns the process id
 * @throws {Error} with `code`, such as `"ENOENT"`; nothing is left behind
 * @throws {TypeError} when the request holds a NUL character
 */
export function spawnOnTerminal(libc: Libc, request: SpawnRequest, slavePath: Uint8Array): number {
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
  try {
    setAttributes(libc, attributes);
    addFileActions(libc, fileActions, slavePath, cwd);
    checked(
      `Starting "${request.program}" in "${request.cwd}"`,
      c.posix_spawn(new Uint8Array(pid.buffer), program, fileActions, attributes, argv, envp),
    );
    return pid[0]!;
  } finally {
    c.posix_spawn_file_actions_destroy(fileActions);
    c.posix_spawnattr_destroy(attributes);
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
  slavePath: Uint8Array,
  cwd: Uint8Array,
): void {
  // Opened by the child, a session leader without a terminal: so it becomes the controlling one.
  checked(
    "posix_spawn_file_actions_addopen",
    c.posix_spawn_file_actions_addopen(actions, 0, slavePath, platform.O_RDWR, 0),
  );
  for (const descriptor of [1, 2]) {
    checked("posix_spawn_file_actions_adddup2", c.posix_spawn_file_actions_adddup2(actions, 0, descriptor));
  }
  checked("posix_spawn_file_actions_addchdir_np", c.posix_spawn_file_actions_addchdir_np(actions, cwd));
}

/** The functions of this family return the error instead of setting `errno`. */
function checked(call: string, errno: number): void {
  if (errno !== 0) throw systemError(call, errno);
}
