import type { Handlers } from "./handler.ts";

/** What a client asks about this machine. */
export const environmentHandlers: Handlers<
  | "environment/info"
  | "environment/status"
  | "environmentConfig/read"
  | "capabilities/discoverV2"
  | "capabilityRoots/discoverV1"
> = {
  "environment/info": (_params, { environmentInfo }) => environmentInfo(),
  "environment/status": () => ({ status: "ready" }),
  // Loaded with the first request: the parsers of TOML and YAML are a tenth of a start, and most clients need neither.
  async "environmentConfig/read"(params, { codex, calls }) {
    const { readEnvironmentConfig } = await import("../../codex/environment_config.ts");
    return await readEnvironmentConfig(params, codex, calls);
  },
  async "capabilities/discoverV2"(params, { codex, calls }) {
    const { discoverCapabilities } = await import("../../codex/discover_capabilities.ts");
    return await discoverCapabilities(params, codex, calls);
  },
  async "capabilityRoots/discoverV1"(params, { codex, calls }) {
    const { discoverCapabilityRoots } = await import("../../codex/capability_roots.ts");
    return await discoverCapabilityRoots(params, codex, calls);
  },
};
