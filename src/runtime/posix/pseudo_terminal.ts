/** Opens pseudo-terminals. */
import type { TerminalSize } from "../../protocol/schemas/process.ts";
import { fromCString } from "./c_strings.ts";
import type { Libc } from "./libc.ts";
import { systemError } from "./system_error.ts";

/** Both ends of a terminal. No child inherits these descriptors. */
export interface PseudoTerminal {
  /** The end of whoever shows the terminal. Never blocks. */
  readonly master: number;
  /** The program's end, held open so that the terminal lives as long as its program, whatever that closes. */
  readonly slave: number;
  /** The path under which a program opens its end, with a NUL behind it. */
  readonly slavePath: Uint8Array;
}

/** Bit of `c_iflag`, on Linux and macOS: a character of several bytes is erased as one. */
const IUTF8 = 0x4000;
/** Bit of `c_lflag`, on Linux and macOS. */
const ECHO = 0x8;
const TCSANOW = 0;

/**
 * Opens a terminal of a size, with the kernel's default settings and UTF-8 input.
 *
 * @throws {Error} with `code` where descriptors or memory have run out, such as `"EMFILE"`; else one that says what is
 * wrong with this machine's terminals, and has no code that could be taken for the program's
 */
export function openPseudoTerminal(libc: Libc, size: TerminalSize): PseudoTerminal {
  try {
    return openBothEnds(libc, size);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (["EMFILE", "ENFILE", "ENOMEM"].includes(code ?? "")) throw error;
    const remedy = code === "ENOSPC"
      ? "no terminal is free: let programs that have one end, or raise kernel.pty.max"
      : "no terminal can be opened: this machine needs /dev/ptmx, and devpts on /dev/pts";
    throw new Error(`${remedy} (${message})`, { cause: error });
  }
}

function openBothEnds(libc: Libc, size: TerminalSize): PseudoTerminal {
  const { c, platform } = libc;
  const master = checked(libc, "posix_openpt", c.posix_openpt(platform.openTerminal | platform.O_NONBLOCK));
  let slave = -1;
  try {
    checked(libc, "grantpt", c.grantpt(master));
    checked(libc, "unlockpt", c.unlockpt(master));
    const slavePath = new Uint8Array(128);
    const unnamed = c.ptsname_r(master, slavePath, slavePath.length);
    if (unnamed !== 0) throw systemError("ptsname_r", unnamed);
    slave = checked(libc, `open("${fromCString(slavePath)}")`, c.open(slavePath, platform.openTerminal));
    // After the slave is open: before that, macOS refuses to size a terminal.
    resizeTerminal(libc, master, size);
    const settings = new Uint8Array(256);
    checked(libc, "tcgetattr", c.tcgetattr(slave, settings));
    new Uint32Array(settings.buffer, 0, 1)[0]! |= IUTF8;
    checked(libc, "tcsetattr", c.tcsetattr(slave, TCSANOW, settings));
    return { master, slave, slavePath };
  } catch (error) {
    c.close(master);
    if (slave >= 0) c.close(slave);
    throw error;
  }
}

/** Sets the size; the programs in the foreground get SIGWINCH when it changes. */
export function resizeTerminal(libc: Libc, master: number, size: TerminalSize): void {
  const winsize = new Uint8Array(new Uint16Array([size.rows, size.cols, 0, 0]).buffer);
  checked(libc, "ioctl(TIOCSWINSZ)", libc.c.ioctl(master, libc.platform.TIOCSWINSZ, winsize));
}

/** Whether lines that are typed are not echoed; false where a program takes single keys and echoes them itself, or not. */
export function readsUnseenLine({ c, platform }: Libc, slave: number): boolean {
  const settings = new Uint8Array(256);
  if (c.tcgetattr(slave, settings) < 0) return false;
  const flags = new DataView(settings.buffer).getUint32(platform.localFlagsAt, true);
  return (flags & platform.ICANON) !== 0 && (flags & ECHO) === 0;
}

function checked(libc: Libc, call: string, result: number): number {
  if (result < 0) throw systemError(call, libc.errno());
  return result;
}
