/** The servers that the vectors need, one per group, each started with the flags of its group. */
import { startServer } from "../support/server_process.ts";
import type { ServerGroup } from "./vector.ts";

const token = "sekret-token";
const secret = "0123456789abcdef0123456789abcdef";

/** Running servers; `await using` stops them. */
export interface ServerGroups extends AsyncDisposable {
  /** Where each group's server listens, `ws://IP:PORT`. */
  urls: Record<ServerGroup, string>;
}

/** What is started. */
export interface ServerGroupsOptions {
  /** Program and arguments of another server, up to the flags; the server under test by default. */
  command?: string[];
  /** Flags that each server is given beside those of its group. */
  flags?: readonly string[];
}

/** Starts a server for each group on a port of its own. */
export async function startServerGroups(options: ServerGroupsOptions = {}): Promise<ServerGroups> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "conformance-keys-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.writeTextFile(`${folder}/token`, token);
  await Deno.writeTextFile(`${folder}/secret`, secret);
  const start = async (...own: string[]) => {
    const flags = [...own, ...options.flags ?? []];
    const command = options.command && [...options.command, "--listen", "ws://127.0.0.1:0", ...flags];
    return stack.use(await startServer({ args: flags, command })).url;
  };
  const urls = {
    default: await start(),
    capability: await start("--ws-auth", "capability-token", "--ws-token-file", `${folder}/token`),
    jwt: await start("--ws-auth", "signed-bearer-token", "--ws-shared-secret-file", `${folder}/secret`),
    concurrent: await start("--concurrent-requests", "4"),
  };
  const running = stack.move();
  return { urls, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
