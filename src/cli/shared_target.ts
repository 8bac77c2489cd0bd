import type { ExecServerClient } from "../client/client.ts";
import { cannotShare, findProcess } from "../machine/remote/find_process.ts";
import { RemoteBackend } from "../machine/remote/remote_backend.ts";
import type { ListedProcess } from "../machine/shared_process.ts";
import type { ProgramHost } from "./program_host.ts";
import { chosenServer, type ServerChoice } from "./server_flags.ts";
import { openTarget } from "./target.ts";
import { UsageError } from "./usage_error.ts";

/** A server whose processes are worked with, whosever they are. */
export interface SharedTarget extends AsyncDisposable {
  readonly client: ExecServerClient;
  readonly processes: RemoteBackend;
}

/**
 * Connects to the server that the flags name.
 *
 * @throws {UsageError} where none is named
 * @throws {RpcError} -32601 for one whose processes cannot be shared
 */
export async function openShared(flags: ServerChoice, host: ProgramHost): Promise<SharedTarget> {
  const target = await openTarget(await chosenServer(flags, host), host);
  const { client } = target;
  if (!client.can("attach")) {
    await target[Symbol.asyncDispose]();
    throw cannotShare();
  }
  return {
    client,
    processes: new RemoteBackend(client),
    async [Symbol.asyncDispose]() {
      // What is attached is left before the connection, so that a keyboard goes back at once.
      await client.terminateAll();
      await target[Symbol.asyncDispose]();
    },
  };
}

/** The process that a word means. @throws {RpcError} where none or several are meant */
export async function findShared({ processes }: SharedTarget, word: string): Promise<ListedProcess> {
  return findProcess(await processes.list(), word);
}

/** The one process that a command line names. @throws {UsageError} for none and for more */
export function oneName(command: string, names: readonly string[]): string {
  const [name, surplus] = names;
  if (name === undefined) {
    throw new UsageError(`"${command}" needs a process: its name, its handle or the beginning of that`);
  }
  if (surplus !== undefined) throw new UsageError(`"${command}" takes one process, not also "${surplus}"`);
  return name;
}
