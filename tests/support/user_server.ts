import { serverCommand, type ServerProcess, startServer } from "./server_process.ts";

/** The user whom nothing belongs to. */
export const ordinaryUser = 65534;

/** A server of a user's; of another's than this program's with a home and a cache of its own. */
export async function serverOfUser(
  uid: number,
  home: string,
  args: readonly string[] = [],
): Promise<ServerProcess> {
  if (uid === Deno.uid()) return await startServer({ args: [...args] });
  const own = `cd ${home}; export HOME=${home} DENO_DIR=${home}/cache TMPDIR=${home}; ` +
    `exec setpriv --reuid ${uid} --regid ${uid} --clear-groups "$@"`;
  return await startServer({
    command: ["sh", "-c", own, "sh", ...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0", ...args],
    env: { PATH: Deno.env.get("PATH")! },
    cwd: "/",
  });
}
