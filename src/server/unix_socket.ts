import { Buffer } from "node:buffer";
import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { SOCKET_PATH_BYTES } from "../limits.ts";
import { osErrorCode } from "../protocol/os_errors.ts";
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
  const { ino } = await lstat(path);
  return {
    port: 0,
    async close() {
      await listener.close();
      // Some runtimes have removed it; one that has come in its place is somebody else's.
      if ((await lstat(path).catch(() => undefined))?.ino === ino) await unlink(path).catch(() => {});
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const stats = await lstat(path).catch((error) => {
    if (osErrorCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (!stats) return;
  if (!stats.isSocket()) throw failure("EEXIST", `"${path}" exists and is no socket`);
  if (await isAnswered(path)) throw failure("EADDRINUSE", `a server listens on "${path}"`);
  await unlink(path);
}

/** Whether somebody listens on a socket; one of another user, which cannot be opened, counts as listened on. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => resolve(osErrorCode(error) !== "ECONNREFUSED"));
  });
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
