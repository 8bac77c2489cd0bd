import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { linkSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { SOCKET_PATH_BYTES, SOCKET_PROBE_MS } from "../limits.ts";
import { osErrorCode } from "../native/os_errors.ts";
import type { Listener } from "./listener.ts";

/**
 * Listens on a socket in the file system that only its user can open. What a server that was killed has left there is
 * removed before, and the socket itself when the listener closes.
 *
 * @param listen binds the socket
 * @throws {Error} with code `EADDRINUSE` when a server listens there, `EEXIST` when something else is there,
 * `ENAMETOOLONG` for a path that the kernel's structure does not hold
 */
export async function listenOnSocket(path: string, listen: () => Promise<Listener>): Promise<Listener> {
  // Some runtimes would cut it and listen elsewhere.
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) throw failure("ENAMETOOLONG", `"${path}" is too long`);
  await removeStale(path);
  // The mode must be there from the first moment; the program has only just begun, so nothing else is made meanwhile.
  const umask = process.umask(0o177);
  let listener: Listener;
  try {
    listener = await listen();
  } finally {
    process.umask(umask);
  }
  const own = look(path);
  return {
    port: 0,
    close() {
      // Before it closes: from then on somebody else may listen there.
      if (isSame(look(path), own)) attempt(() => unlinkSync(path));
      return closeBeside(path, listener);
    },
  };
}

/** What tells one file of a name from the next: the number alone is soon given to another. */
interface FileIdentity {
  readonly isSocket: boolean;
  readonly number: bigint;
  readonly changedNs: bigint;
}

/** What is there, if anything. */
function look(path: string): FileIdentity | undefined {
  try {
    const stats = lstatSync(path, { bigint: true });
    return { isSocket: stats.isSocket(), number: stats.ino, changedNs: stats.mtimeNs };
  } catch (error) {
    if (osErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isSame(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a?.number === b?.number && a?.changedNs === b?.changedNs;
}

/** Closes a listener. Runtimes remove its path at once, whoever listens there now: a successor's is kept out of their way. */
function closeBeside(path: string, listener: Listener): Promise<void> {
  const aside = besides(path);
  if (!attempt(() => renameSync(path, aside))) return listener.close();
  try {
    return listener.close();
  } finally {
    attempt(() => renameSync(aside, path));
  }
}

async function removeStale(path: string): Promise<void> {
  const stale = look(path);
  if (!stale) return;
  if (!stale.isSocket) throw failure("EEXIST", `"${path}" exists and is no socket`);
  if (await isAnswered(path)) throw failure("EADDRINUSE", `a server listens on "${path}"`);
  // Another server may have taken it over meanwhile: only what was looked at is removed.
  const aside = besides(path);
  renameSync(path, aside);
  const isStale = isSame(look(aside), stale);
  if (!isStale) attempt(() => linkSync(aside, path));
  unlinkSync(aside);
  if (!isStale) throw failure("EADDRINUSE", `a server listens on "${path}"`);
}

/** Whether a call succeeds, where nothing can be done about it if not. */
function attempt(call: () => void): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

/** A name in the same directory that nobody else has. */
function besides(path: string): string {
  return `${path}.${randomUUID()}`;
}

/** Whether somebody listens on a socket; one of another user, which cannot be opened, counts as listened on. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answered);
    };
    const timer = setTimeout(() => end(true), SOCKET_PROBE_MS);
    socket.once("connect", () => end(true));
    socket.on("error", (error) => end(osErrorCode(error) !== "ECONNREFUSED"));
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
