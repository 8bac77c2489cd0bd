import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { EnvironmentInfo } from "../../protocol/schemas/session.ts";
import type { MachineInfo } from "../machine_info.ts";
import { pathOfUri } from "../machine_path.ts";

/** What a server says of its machine. */
export function machineInfo(info: EnvironmentInfo): MachineInfo {
  const os = (info.platformOs ?? "linux") as PlatformOs;
  const path = (uri: string | null | undefined) =>
    uri === null || uri === undefined ? undefined : pathOfUri(uri, os);
  return {
    os,
    shell: { ...info.shell },
    workingDirectory: path(info.cwd),
    homeDirectory: path(info.userHomeDir),
    temporaryDirectory: path(info.tempDir),
    version: info.executorVersion,
    capabilities: { ...info.capabilities },
  };
}
