import * as v from "valibot";
import { processId, unsigned } from "./values.ts";

/** Schemas of what a server asks and tells of the network of a process. */

/** By which protocol a host is asked for. */
const protocol = v.picklist(["http", "https_connect", "socks5_tcp"]);

export const policyRequestParams = v.object({
  processId,
  /** What the process wants. */
  request: v.object({
    protocol,
    /** The name or the address of a host, in lower case. */
    host: v.string(),
    /** Its port. */
    port: unsigned,
  }),
});

export const policyRequestResult = v.object({
  /** What is to become of it. */
  decision: v.variant("type", [
    v.object({ type: v.literal("allow") }),
    v.object({
      type: v.picklist(["deny", "ask"]),
      /** Why: the process is told. */
      reason: v.string(),
    }),
  ]),
});

export const policyDecisionNotification = v.object({
  processId,
  /** When, by ISO 8601. */
  timestamp: v.string(),
  /** Whether it is about a host, or about how it is asked for. */
  scope: v.picklist(["domain", "non_domain"]),
  /** What became of it. */
  decision: v.picklist(["allow", "deny", "ask"]),
  /** Who decided: the policy, whoever was asked, the mode, or the proxy by what it can do. */
  source: v.picklist(["baseline_policy", "decider", "mode_guard", "proxy_state"]),
  /** Why; with `policyOverride`, what the policy would have said. */
  reason: v.string(),
  protocol,
  /** The name or the address of a host, in lower case. */
  host: v.string(),
  /** Its port. */
  port: unsigned,
  /** Of HTTP. */
  method: v.optional(v.string()),
  /** The process's end of the connection: address and port. */
  client: v.string(),
  /** Whether whoever was asked allowed what the policy does not. */
  policyOverride: v.boolean(),
});
