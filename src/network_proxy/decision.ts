/** Decides whether a process may reach a host, in the order of the reference server. */
import { isIP } from "node:net";
import { isLocalAddress } from "./local_address.ts";
import type { ProxyPolicy } from "./policy.ts";

/** By which protocol a host is asked for. */
export type ProxyProtocol = "http" | "https_connect" | "socks5_tcp";

/** What is asked for. */
export interface ProxyRequest {
  readonly protocol: ProxyProtocol;
  /** In the spelling of `hostName`. */
  readonly host: string;
  readonly port: number;
  /** The method of HTTP, `CONNECT` among them; undefined for SOCKS. */
  readonly method?: string | undefined;
  /** Who asks: the address and port of its end. */
  readonly client: string;
}

/** Who decided. */
export type DecisionSource = "baseline_policy" | "decider" | "mode_guard" | "proxy_state";

/** A decision, to be written down. */
export interface Decision {
  readonly request: ProxyRequest;
  /** Whether it is about a host, or about how it is asked for. */
  readonly scope: "domain" | "non_domain";
  readonly decision: "allow" | "deny" | "ask";
  readonly source: DecisionSource;
  readonly reason: string;
  /** Whether whoever was asked allowed what the policy does not. */
  readonly isOverride: boolean;
}

/** What somebody who is asked says; undefined for no answer, or one that cannot be understood. */
export type Answer =
  | { readonly type: "allow" }
  | { readonly type: "deny" | "ask"; readonly reason: string }
  | undefined;

/** How a decision is come to. */
export interface DecisionMaker {
  readonly policy: ProxyPolicy;
  /** Asks somebody; undefined where nobody is to be asked. */
  readonly ask?: ((request: ProxyRequest) => Promise<Answer>) | undefined;
  /** The addresses of a name: none where there are none. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** Writes a decision down. Resolves when there is room for the next one. */
  readonly record: (decision: Decision) => Promise<void> | void;
}

/** What became of a request: addresses to connect to, all of them checked, or why there are none. */
export type Ruling =
  | { readonly allowed: true; readonly addresses: readonly string[] }
  | { readonly allowed: false; readonly decision: Decision };

type Verdict = Pick<Decision, "decision" | "source" | "reason" | "isOverride">;

/** Decides about a request, and writes the decision down. */
export async function decide(request: ProxyRequest, maker: DecisionMaker): Promise<Ruling> {
  const { policy, resolve, record } = maker;
  let verdict = await aboutHost(request, maker);
  let addresses: readonly string[] = [];
  if (verdict.decision === "allow") {
    addresses = isIP(request.host) ? [request.host] : await resolve(request.host);
    if (!mayReach(request.host, addresses, policy)) verdict = denied("not_allowed_local");
  }
  const decision = { request, scope: "domain", ...verdict } as const;
  await record(decision);
  if (verdict.decision !== "allow") return { allowed: false, decision };
  const refusal = policy.isLimited ? modeRefusal(request) : undefined;
  if (!refusal) return { allowed: true, addresses };
  await record(refusal);
  return { allowed: false, decision: refusal };
}

async function aboutHost(request: ProxyRequest, { policy, ask }: DecisionMaker): Promise<Verdict> {
  const { host } = request;
  if (policy.denied.covers(host)) return denied("denied");
  const isLocal = host === "localhost" || (isIP(host) !== 0 && isLocalAddress(host));
  if (isLocal && !policy.allowsLocal && !policy.allowed.names(host)) return denied("not_allowed_local");
  if (policy.allowed.covers(host) && !policy.reviewed.covers(host)) {
    return { decision: "allow", source: "baseline_policy", reason: "allow", isOverride: false };
  }
  return ask ? answered(await ask(request)) : denied("not_allowed");
}

function answered(answer: Answer): Verdict {
  if (!answer) return { decision: "deny", source: "decider", reason: "not_allowed", isOverride: false };
  if (answer.type === "allow") {
    return { decision: "allow", source: "decider", reason: "not_allowed", isOverride: true };
  }
  const reason = answer.reason || "policy_denied";
  return { decision: answer.type, source: "decider", reason, isOverride: false };
}

/** A name may lead anywhere, and elsewhere the next time: what counts is where it leads now, and that is connected to. */
function mayReach(host: string, addresses: readonly string[], policy: ProxyPolicy): boolean {
  if (policy.allowsLocal) return true;
  if ((host === "localhost" || isIP(host) !== 0) && policy.allowed.names(host)) return true;
  return addresses.length > 0 && !addresses.some(isLocalAddress);
}

/** What is not allowed where only reading is, whatever the host. */
function modeRefusal(request: ProxyRequest): Decision | undefined {
  const { protocol, method } = request;
  if (protocol === "http" && ["GET", "HEAD", "OPTIONS"].includes(method ?? "")) return undefined;
  return {
    request,
    scope: "non_domain",
    decision: "deny",
    source: "mode_guard",
    reason: protocol === "https_connect" ? "mitm_required" : "method_not_allowed",
    isOverride: false,
  };
}

function denied(reason: string): Verdict {
  return { decision: "deny", source: "baseline_policy", reason, isOverride: false };
}
