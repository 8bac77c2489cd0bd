import { abilitiesOf } from "../../host/abilities.ts";
import type { Host } from "../../host/host.ts";
import { findWorkingDirectory } from "../../host/working_directory.ts";
import { methodCapabilities } from "../../protocol/methods.ts";
import { version } from "../../version.ts";
import type { MachineInfo } from "../machine_info.ts";

/** What a program knows of its own machine. */
export function hostInfo(host: Host): MachineInfo {
  const { os, shell, homeDirectory, temporaryDirectory } = host.facts();
  return {
    os,
    shell: { ...shell },
    workingDirectory: findWorkingDirectory(),
    homeDirectory,
    temporaryDirectory,
    version,
    capabilities: methodCapabilities({
      ...abilitiesOf(host),
      confinedFiles: false,
      console: false,
      binaryMessages: false,
      ports: true,
    }),
  };
}
