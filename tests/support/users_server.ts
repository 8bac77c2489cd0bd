/** A server of an ordinary user, for tests that run as root. */
import { serverCommand, type ServerProcess, startServer } from "./server_process.ts";

/** Whether there can be one: `setpriv` makes it. */
export const hasUsers: boolean = Deno.build.os === "linux" && Deno.uid() === 0;

/** How it is started. */
export interface UsersServerOptions {
  readonly user: number;
  /** Flags after `serve`. */
  readonly args?: readonly string[];
  /** What a shell of root's does before; nothing by default. */
  readonly before?: string;
}

/** Starts it. What its runtime caches goes with it. */
export async function startUsersServer(
  { user, args = [], before = ":" }: UsersServerOptions,
): Promise<ServerProcess> {
  await using started = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  started.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.chmod(folder, 0o777);
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0", ...args];
  const script = `${before} && exec setpriv --reuid ${user} --regid ${user} --clear-groups "$@"`;
  const server = await startServer({
    command: ["sh", "-c", script, "sh", ...serve],
    env: { PATH: "/usr/bin:/bin", HOME: folder, DENO_DIR: `${folder}/deno`, TMPDIR: folder },
  });
  started.defer(async () => void await server.stop());
  const all = started.move();
  return { ...server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
