import { discoverCapabilityRoots } from "../../codex/capability_roots.ts";
import { discoverCapabilities } from "../../codex/discover_capabilities.ts";
import { readEnvironmentConfig } from "../../codex/environment_config.ts";
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
  "environmentConfig/read": (params, { codex, calls }) => readEnvironmentConfig(params, codex, calls),
  "capabilities/discoverV2": (params, { codex, calls }) => discoverCapabilities(params, codex, calls),
  "capabilityRoots/discoverV1": (params, { codex, calls }) => discoverCapabilityRoots(params, codex, calls),
};
