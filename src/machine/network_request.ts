import type { ExecServerClient } from "../client/client.ts";
import { refuseUnknownOptions } from "../client/known_options.ts";
import type { NetworkDecider } from "../client/network_deciders.ts";
import { NETWORK_ASK_MS } from "../limits.ts";
import type { NotificationOf } from "../protocol/methods.ts";
import type { NetworkProxy } from "../protocol/schemas/sandbox.ts";

/** What was decided about something that a process wanted of the network. */
export type NetworkDecision = Omit<NotificationOf<"network/policyDecision">, "processId">;

/**
 * A network that leads to chosen hosts only, through a proxy made for the process. A pattern is a host, `*.example.com` for
 * what is below it, or `**.example.com` for both; `*` allows everything. This machine and its neighbours take an entry of
 * their own.
 */
export interface NetworkRequest {
  /** Hosts that may be reached. */
  readonly allow?: readonly string[] | undefined;
  /** Hosts that may not, whatever allows them. */
  readonly deny?: readonly string[] | undefined;
  /**
   * Whether programs that ask no proxy are served, too: every connection by TCP is caught, and decided about by the name that
   * was looked up for it. It takes nftables in the machine's kernel. False by default.
   */
  readonly transparent?: boolean | undefined;
  /** Decides about every host that is on neither list; without it, they are denied. */
  readonly ask?: NetworkDecider | undefined;
  /** Told of every decision. */
  readonly onDecision?: ((decision: NetworkDecision) => void) | undefined;
}

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} for a member that means nothing, and for a list that is none
 */
export function checkNetwork(request: NetworkRequest): void {
  refuseUnknownOptions("start sandbox.network", request, {
    allow: true,
    deny: true,
    transparent: true,
    ask: true,
    onDecision: true,
  });
  if (request.transparent !== undefined && typeof request.transparent !== "boolean") {
    throw new TypeError("sandbox.network.transparent must be true or false");
  }
  for (const name of ["allow", "deny"] as const) {
    const list: unknown = request[name];
    if (list === undefined) continue;
    if (Array.isArray(list) && list.every((pattern) => typeof pattern === "string")) continue;
    throw new TypeError(`sandbox.network.${name} must be an array of strings, such as ["*.example.com"]`);
  }
}

/** The lists, as proxies take them: what stands on both is denied. */
export function domainsOf({ allow = [], deny = [] }: NetworkRequest): Record<string, "allow" | "deny"> {
  return Object.fromEntries([
    ...allow.map((pattern) => [pattern, "allow"]),
    ...deny.map((pattern) => [pattern, "deny"]),
  ]);
}

/** As it goes over the wire. */
export function wireNetwork(request: NetworkRequest): NetworkProxy {
  return {
    proxy: {
      enabled: true,
      enableSocks5: true,
      enableSocks5Udp: false,
      allowUpstreamProxy: false,
      dangerouslyAllowAllUnixSockets: false,
      mode: "full",
      allowLocalBinding: false,
      domains: domainsOf(request),
      ...request.transparent ? { transparentTcp: true } : {},
    },
    ...request.ask ? { policyDecisionTimeoutMs: NETWORK_ASK_MS } : {},
  };
}

/**
 * Answers and tells of the network of a server's process, from before its start.
 *
 * @returns what ends that
 */
export function lookAfter(
  client: ExecServerClient,
  processId: string,
  { ask, onDecision }: NetworkRequest,
): () => void {
  const ends = [
    ask && client.decide(processId, ask),
    onDecision && client.listen("network/policyDecision", ({ processId: id, ...decision }) => {
      if (id === processId) onDecision(decision);
    }),
  ];
  return () => {
    for (const end of ends) end?.();
  };
}
