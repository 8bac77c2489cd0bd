import type { ExecServerClient } from "../../client/client.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import { failingAlike, unsupportedError } from "../machine_error.ts";
import { pathOfUri } from "../machine_path.ts";
import type { MachineUsage } from "../../usage/machine_usage.ts";

/** How much of a server's machine is in use. @throws {ServerError} ENOTSUP on a server that does not tell */
export async function remoteUsage(client: ExecServerClient): Promise<MachineUsage> {
  if (!client.can("machineUsage")) {
    throw unsupportedError("this server does not tell how much of its machine is in use");
  }
  const { disks, processes, ...usage } = await failingAlike(() => client.call("machine/usage", null));
  const os = (client.environmentInfo.platformOs ?? "linux") as PlatformOs;
  return {
    ...usage,
    processes,
    disks: disks.map(({ path, ...disk }) => ({ path: pathOfUri(path, os), ...disk })),
  };
}
