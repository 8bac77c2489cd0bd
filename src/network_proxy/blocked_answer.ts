/** What a program is told that may not reach a host, in the words of the reference server. */
import type { Decision } from "./decision.ts";

const messages: Readonly<Record<string, string>> = {
  denied: "Domain denied by the sandbox policy.",
  not_allowed: "Domain not in allowlist.",
  not_allowed_local: "Sandbox policy blocks local/private network addresses.",
  method_not_allowed: "Method not allowed in limited mode.",
  mitm_required: "Method not allowed in limited mode.",
};
const codes: Readonly<Record<string, string>> = {
  denied: "blocked-by-denylist",
  not_allowed: "blocked-by-allowlist",
  not_allowed_local: "blocked-by-allowlist",
  method_not_allowed: "blocked-by-method-policy",
  mitm_required: "blocked-by-mitm-required",
};

/** An answer that this program makes itself. */
export interface OwnAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** The answer of HTTP to what was denied. */
export function blockedAnswer({ request, decision, source, reason }: Decision): OwnAnswer {
  // What somebody who was asked says is their own word, though it be one of these.
  const isOwn = source !== "decider" || reason === "not_allowed";
  const message = (isOwn ? messages[reason] : undefined) ?? "Request blocked by network policy.";
  const code = (isOwn ? codes[reason] : undefined) ?? "blocked-by-policy";
  const { host, port, protocol } = request;
  if (protocol !== "http") return plainAnswer(403, message, [["x-proxy-error", code]]);
  const body = { status: "blocked", host, reason, decision, source, protocol, port, message };
  return {
    status: 403,
    headers: [["content-type", "application/json"], ["x-proxy-error", code]],
    body: JSON.stringify(body),
  };
}

/** An answer of a few words; of none where it is not said which. */
export function plainAnswer(
  status: number,
  body = "",
  headers: OwnAnswer["headers"] = [],
): OwnAnswer {
  return { status, headers: body === "" ? headers : [["content-type", "text/plain"], ...headers], body };
}
