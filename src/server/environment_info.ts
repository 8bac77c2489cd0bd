import { hasDescriptorPaths } from "../file_system/platform.ts";
import { abilitiesOf } from "../host/abilities.ts";
import type { Host } from "../host/host.ts";
import { findWorkingDirectory } from "../host/working_directory.ts";
import { formatFileUri, isAbsolutePath, type PlatformOs } from "../protocol/file_uri.ts";
import { methodCapabilities } from "../protocol/methods.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import { version } from "../version.ts";

/**
 * What clients are told of a host, and of what the server offers beside it, by a call for each time. Each fact stands for itself: what cannot be told is left out.
 * The host is asked once; only the directory that this program stands in may be gone the next time.
 */
export function environmentInfoOf(
  host: Pick<Host, "facts" | "hasTerminals" | "spawner">,
  environment: Readonly<Record<string, string>>,
  offered: { readonly console: boolean; readonly ports: boolean } = { console: false, ports: true },
): (binaryMessages: boolean) => EnvironmentInfo {
  const { os, shell, homeDirectory, temporaryDirectory } = host.facts();
  const home = uriOf(homeDirectory, os);
  const tempDir = uriOf(temporaryDirectory, os);
  const given = uriOf(environment["TMPDIR"], os);
  return (binaryMessages) => ({
    shell: { ...shell },
    executorVersion: version,
    providerId: `exec-server-${version}`,
    cwd: uriOf(findWorkingDirectory(), os) ?? null,
    ...(home === undefined ? {} : { userHomeDir: home }),
    platformOs: os,
    prependPathDirs: [],
    temporaryDirectories: given === undefined ? [] : [given],
    ...(tempDir === undefined ? {} : { tempDir }),
    capabilities: methodCapabilities({
      ...abilitiesOf(host),
      ...offered,
      confinedFiles: hasDescriptorPaths(),
      binaryMessages,
    }),
  });
}

function uriOf(path: string | undefined, os: PlatformOs): string | undefined {
  return path !== undefined && isAbsolutePath(path, os) ? formatFileUri(path, os) : undefined;
}
