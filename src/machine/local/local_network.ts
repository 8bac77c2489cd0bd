import type { Network } from "../../host/network.ts";
import { NetworkProxy } from "../../network_proxy/network_proxy.ts";
import { OwnNetwork } from "../../network_proxy/own_network.ts";
import { PatternError } from "../../network_proxy/domain_pattern.ts";
import type { ProxyRequest } from "../../network_proxy/decision.ts";
import type { ChildNetwork } from "../../process/child_options.ts";
import { invalidParams } from "../../protocol/errors.ts";
import { domainsOf, type NetworkRequest } from "../network_request.ts";

/** A network of a process of this machine, and what ends it. */
export interface LocalNetwork {
  readonly network: ChildNetwork;
  close(): void;
}

/**
 * @param network what reaches others; `node:net` by default
 * @throws {RpcError} -32602 for a pattern that cannot be obeyed
 */
export function localNetwork(request: NetworkRequest, network: Network | undefined): LocalNetwork {
  const { ask, onDecision } = request;
  try {
    const proxy = new NetworkProxy({
      domains: domainsOf(request),
      allowsLocal: false,
      isLimited: false,
      hasSocks: true,
      ask: ask && (async ({ protocol, host, port }: ProxyRequest) => {
        try {
          const answer = await ask({ protocol, host, port });
          return answer.allow === true ? { type: "allow" } : { type: "deny", reason: answer.reason ?? "" };
        } catch {
          return { type: "deny", reason: "" };
        }
      }),
      network,
      record: ({ request, isOverride, ...decision }) =>
        onDecision?.({
          timestamp: new Date().toISOString(),
          ...decision,
          ...request,
          policyOverride: isOverride,
        }),
    });
    return {
      network: new OwnNetwork(proxy, { isTransparent: request.transparent ?? false }),
      close: () => proxy.close(),
    };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw invalidParams(`invalid network proxy config: ${error.message}`);
  }
}
