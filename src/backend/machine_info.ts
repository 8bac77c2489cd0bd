import type { PlatformOs } from "../protocol/file_uri.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { pathOfUri } from "./machine_path.ts";

/** What a machine says of itself. Paths are its own. */
export interface MachineInfo {
  readonly os: PlatformOs;
  /** The user's login shell: a name such as `bash`, and its path. */
  readonly shell: { readonly name: string; readonly path: string };
  /** Where processes start when nothing is said; undefined where that is not told. */
  readonly workingDirectory: string | undefined;
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
  /** The version of the program that serves it. */
  readonly version: string;
  /** What it can do beyond the least, by the protocol's names. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/** The same from the protocol's form. */
export function machineInfo(info: EnvironmentInfo): MachineInfo {
  const os = (info.platformOs ?? "linux") as PlatformOs;
  return {
    os,
    shell: { ...info.shell },
    workingDirectory: info.cwd === null ? undefined : pathOfUri(info.cwd, os),
    homeDirectory: pathOfUri(info.userHomeDir, os),
    temporaryDirectory: pathOfUri(info.tempDir, os),
    version: info.executorVersion,
    capabilities: { ...info.capabilities },
  };
}
