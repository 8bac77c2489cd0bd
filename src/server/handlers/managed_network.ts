import { setImmediate } from "node:timers";
import * as v from "valibot";
import { NETWORK_DECISION_GRACE_MS } from "../../limits.ts";
import { PatternError } from "../../network_proxy/domain_pattern.ts";
import { NetworkProxy } from "../../network_proxy/network_proxy.ts";
import { OwnNetwork } from "../../network_proxy/own_network.ts";
import type { UpstreamProxy } from "../../network_proxy/gate.ts";
import type { Answer, Decision, ProxyRequest } from "../../network_proxy/decision.ts";
import type { Network } from "../../host/network.ts";
import { LoopbackBridge } from "../../network_proxy/loopback_bridge.ts";
import { failed } from "../../native/operation_error.ts";
import type { ChildNetwork } from "../../process/child_options.ts";
import type { Policy } from "../../sandbox/policy.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import { internalError, invalidParams } from "../../protocol/errors.ts";
import { clientMethods, type ParamsOf } from "../../protocol/methods.ts";
import type { NetworkProxy as ProxyAsked } from "../../protocol/schemas/sandbox.ts";

/** A process's network that is looked after. */
export interface LookedAfterNetwork extends ChildNetwork {
  /** The policy that leaves the process no other network. */
  confine(policy: Policy): Policy;
  /** Looks after it for as long as the process has not closed. */
  follow(process: ManagedProcess): void;
  /** Ends it: there is no process. */
  close(): void;
}

/** How the networks of all processes are looked after. */
export interface NetworkOptions {
  /** What reaches others; `node:net` by default. */
  readonly network: Network | undefined;
  /** The proxy that connections without a protocol of their own leave through; none by default. */
  readonly upstream?: UpstreamProxy | undefined;
  /** Whether every network that is enforced catches what asks no proxy; false by default. */
  readonly catchesAll?: boolean | undefined;
}

/**
 * Begins to look after the network that a process is to have.
 *
 * @throws {RpcError} -32602 for a policy that cannot be obeyed, -32603 for what this server does not do
 */
export async function openNetwork(
  { networkProxy, sandbox, enforceManagedNetwork }: ParamsOf<"process/start">,
  options: NetworkOptions,
): Promise<LookedAfterNetwork> {
  const { upstream, catchesAll = false } = options;
  if (!networkProxy) {
    if (upstream) throw invalidParams("a mandatory TCP upstream requires an executor-local managed proxy");
    return bridgedNetwork(options.network);
  }
  if (networkProxy.policyDecisionTimeoutMs === 0) {
    throw invalidParams("network policy decision callback timeout must be nonzero");
  }
  const isTransparent = networkProxy.proxy.transparentTcp ||
    (catchesAll && sandbox !== undefined && enforceManagedNetwork);
  refuseUnsupported(networkProxy, isTransparent, sandbox !== undefined);
  const followed = Promise.withResolvers<ManagedProcess>();
  const proxy = openProxy(networkProxy, followed.promise, options);
  const lifetime = {
    follow(process: ManagedProcess) {
      followed.resolve(process);
      void process.closed.then(() => proxy.close());
    },
    close: () => proxy.close(),
  };
  if (sandbox && (enforceManagedNetwork || isTransparent)) {
    const hasUnixSockets = networkProxy.proxy.dangerouslyAllowAllUnixSockets;
    const own = new OwnNetwork(proxy, { isTransparent });
    return {
      ...lifetime,
      confine: (policy) => ({ ...policy, network: hasUnixSockets ? "own, with Unix sockets" : "own" }),
      variables: () => own.variables(),
      ports: () => own.ports(),
      serve: (port, connection) => own.serve(port, connection),
      caught: own.caught,
    };
  }
  const variables = await proxy.listen().catch((error) => {
    proxy.close();
    throw internalError(`The network proxy of the process cannot listen: ${(error as Error).message}`);
  });
  return {
    ...lifetime,
    confine: (policy) => policy,
    variables: () => variables,
    ports: () => [],
    serve: (_, connection) => connection.destroy(),
  };
}

/** The way out is a proxy of the client's own, which the process's variables name. */
function bridgedNetwork(network: Network | undefined): LookedAfterNetwork {
  let bridge: LoopbackBridge | undefined;
  return {
    confine: (policy) => ({ ...policy, network: "own" }),
    variables(given) {
      bridge = new LoopbackBridge(given, network);
      if (bridge.ports.length > 0) return bridge.variables;
      throw failed(
        "This server cannot confine a process: a network that is enforced has no way out; ask for a networkProxy, or " +
          "set a variable such as HTTP_PROXY to a proxy on the loopback address",
      );
    },
    ports: () => bridge?.ports ?? [],
    serve: (port, connection) => bridge!.serve(port, connection),
    follow: (process) => void process.closed.then(() => bridge?.close()),
    close: () => bridge?.close(),
  };
}

function openProxy(
  asked: ProxyAsked,
  process: Promise<ManagedProcess>,
  { network, upstream }: NetworkOptions,
): NetworkProxy {
  const { proxy, policyDecisionTimeoutMs } = asked;
  const ask = policyDecisionTimeoutMs === undefined
    ? undefined
    : async (request: ProxyRequest) => await askOwner(await process, request, policyDecisionTimeoutMs);
  try {
    return new NetworkProxy({
      domains: proxy.domains,
      reviewDomains: proxy.reviewDomains,
      unixSockets: proxy.unixSockets,
      allowsLocal: proxy.allowLocalBinding,
      isLimited: proxy.mode === "limited",
      hasSocks: proxy.enableSocks5,
      ask,
      network,
      upstream,
      record: async (decision) => await tellOwner(await process, decision),
    });
  } catch (error) {
    if (error instanceof PatternError) throw invalidConfig(error.message);
    throw error;
  }
}

/** @throws {RpcError} */
function refuseUnsupported({ proxy }: ProxyAsked, isTransparent: boolean, isConfined: boolean): void {
  if (!proxy.enabled) throw invalidConfig("executor-local network proxy launch requires an enabled proxy");
  if (proxy.credentialMasking || Object.keys(proxy.credentialProviders ?? {}).length > 0) {
    throw internalError(
      "This server's network proxy reads no TLS and puts in no credentials: " +
        "ask without credentialMasking and credentialProviders",
    );
  }
  if (!isTransparent) return;
  if (!proxy.enableSocks5) throw invalidConfig("transparent_tcp requires an enabled managed SOCKS5 proxy");
  if (!isConfined) throw invalidParams("transparent TCP requires a managed Linux sandbox");
}

function invalidConfig(reason: string) {
  return invalidParams(`invalid network proxy config: ${reason}`);
}

/** Whoever owns the process by now. Behind the answer that tells of its start. */
async function askOwner(process: ManagedProcess, request: ProxyRequest, timeoutMs: number): Promise<Answer> {
  await new Promise((resolve) => setImmediate(resolve));
  const { protocol, host, port } = request;
  const params = { processId: process.id, request: { protocol, host, port } };
  const ask = process.owner?.ask;
  const result = await ask?.("network/policyRequest", params, timeoutMs + NETWORK_DECISION_GRACE_MS);
  const decoded = v.safeParse(clientMethods["network/policyRequest"].result, result);
  return decoded.success ? decoded.output.decision : undefined;
}

async function tellOwner(process: ManagedProcess, decision: Decision): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  const { request, scope, source, reason, isOverride } = decision;
  const { protocol, host, port, method, client } = request;
  await process.owner?.tell?.("network/policyDecision", {
    processId: process.id,
    timestamp: new Date().toISOString(),
    scope,
    decision: decision.decision,
    source,
    reason,
    protocol,
    host,
    port,
    ...method === undefined ? {} : { method },
    client,
    policyOverride: isOverride,
  });
}
