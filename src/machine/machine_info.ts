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
  /** Undefined where the machine's user has none. */
  readonly homeDirectory: string | undefined;
  /** Undefined where that is not told. */
  readonly temporaryDirectory: string | undefined;
  /** The version of the program that serves it. */
  readonly version: string;
  /** What it can do beyond the least, by the protocol's names. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/** The same from the protocol's form. */
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
