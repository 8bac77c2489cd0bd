import { setImmediate } from "node:timers";
import * as v from "valibot";
import { NETWORK_DECISION_GRACE_MS } from "../../limits.ts";
import { PatternError } from "../../network_proxy/domain_pattern.ts";
import { NetworkProxy } from "../../network_proxy/network_proxy.ts";
import type { Answer, Decision, ProxyRequest } from "../../network_proxy/decision.ts";
import type { Variables } from "../../process/child_environment.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import { internalError, invalidParams } from "../../protocol/errors.ts";
import { clientMethods, type ParamsOf } from "../../protocol/methods.ts";
import type { NetworkProxy as ProxyAsked } from "../../protocol/schemas/sandbox.ts";

/** A process's network that is looked after. */
export interface LookedAfterNetwork {
  /** Variables of the process, whatever it was to have beside them. */
  readonly variables: Variables;
  /** Looks after it for as long as the process has not closed. */
  follow(process: ManagedProcess): void;
  /** Ends it: there is no process. */
  close(): void;
}

/**
 * Starts the proxy that a process is to have.
 *
 * @throws {RpcError} -32602 for a policy that cannot be obeyed, -32603 for what this server does not do
 */
export async function openNetwork(
  { networkProxy, sandbox, enforceManagedNetwork }: ParamsOf<"process/start">,
): Promise<LookedAfterNetwork> {
  if (enforceManagedNetwork && sandbox) throw internalError("managed networks are not enforced yet");
  const asked = networkProxy!;
  if (asked.policyDecisionTimeoutMs === 0) {
    throw invalidParams("network policy decision callback timeout must be nonzero");
  }
  refuseUnsupported(asked, sandbox !== undefined);
  const followed = Promise.withResolvers<ManagedProcess>();
  const proxy = openProxy(asked, followed.promise);
  try {
    const variables = await proxy.listen();
    return {
      variables,
      follow(process) {
        followed.resolve(process);
        void process.closed.then(() => proxy.close());
      },
      close: () => proxy.close(),
    };
  } catch (error) {
    proxy.close();
    throw internalError(`The network proxy of the process cannot listen: ${(error as Error).message}`);
  }
}

function openProxy(asked: ProxyAsked, process: Promise<ManagedProcess>): NetworkProxy {
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
      record: async (decision) => await tellOwner(await process, decision),
    });
  } catch (error) {
    if (error instanceof PatternError) throw invalidConfig(error.message);
    throw error;
  }
}

/** @throws {RpcError} */
function refuseUnsupported({ proxy }: ProxyAsked, isConfined: boolean): void {
  if (!proxy.enabled) throw invalidConfig("executor-local network proxy launch requires an enabled proxy");
  if (proxy.credentialMasking || Object.keys(proxy.credentialProviders ?? {}).length > 0) {
    throw internalError(
      "This server's network proxy reads no TLS and puts in no credentials: " +
        "ask without credentialMasking and credentialProviders",
    );
  }
  if (!proxy.transparentTcp) return;
  if (!isConfined) throw invalidParams("transparent TCP requires a managed Linux sandbox");
  throw internalError("This server has no transparent TCP: ask without transparentTcp");
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
