import type { CodexHost } from "../../codex/codex_host.ts";
import type { CallShare } from "../../host/waiting_calls.ts";
import type { EnvironmentInfo } from "../../protocol/schemas/session.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import type { FileConfinement } from "./file_confinement.ts";
import type { Handlers } from "./handler.ts";

/** What a client may learn of this machine. */
export interface EnvironmentDomain extends FileConfinement {
  readonly environmentInfo: () => EnvironmentInfo;
  readonly codex: CodexHost;
  /** What reads the files of the machine on the client's behalf waits in it. */
  readonly calls: CallShare;
}

/** What a client asks about this machine. */
export function environmentHandlers(domain: EnvironmentDomain): Handlers<
  | "environment/info"
  | "environment/status"
  | "environmentConfig/read"
  | "capabilities/discoverV2"
  | "capabilityRoots/discoverV1"
> {
  const { environmentInfo, codex, calls } = domain;
  const confine = async (sandbox: Sandbox) => {
    const { confinedCapabilityFiles } = await import("./confined_capability_files.ts");
    return await confinedCapabilityFiles(sandbox, domain);
  };
  return {
    "environment/info": () => environmentInfo(),
    "environment/status": () => ({ status: "ready" }),
    // Loaded with the first request: the parsers of TOML and YAML are a tenth of a start, and most clients need neither.
    async "environmentConfig/read"(params) {
      const { readEnvironmentConfig } = await import("../../codex/environment_config.ts");
      return await readEnvironmentConfig(params, codex, calls);
    },
    async "capabilities/discoverV2"(params) {
      const { discoverCapabilities } = await import("../../codex/discover_capabilities.ts");
      return await discoverCapabilities(params, codex, { calls, confine });
    },
    async "capabilityRoots/discoverV1"(params) {
      const { discoverCapabilityRoots } = await import("../../codex/capability_roots.ts");
      return await discoverCapabilityRoots(params, codex, { calls, confine });
    },
  };
}
