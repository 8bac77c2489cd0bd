import type { CallShare } from "../host/waiting_calls.ts";
import type { Sandbox } from "../protocol/schemas/sandbox.ts";
import type { CapabilityFiles } from "./capability_files.ts";

/** With what capabilities are looked for. */
export interface DiscoveryOptions {
  /** What it waits in; a share of its own by default. */
  readonly calls?: CallShare;
  /** Gives the files that a policy leaves. */
  readonly confine: (sandbox: Sandbox) => Promise<CapabilityFiles>;
}
