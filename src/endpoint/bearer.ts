import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AUTHORIZATION_CHARS } from "../limits.ts";
import { parseExactJson } from "../protocol/exact_json.ts";
import { isRole, type Role, roles } from "../protocol/roles.ts";
import { countMembers, inspectJson } from "../protocol/json_guard.ts";

/** What a credential lets its holder do, or why it lets nobody in. */
export type Credential =
  | {
    readonly role: Role;
    /** Tells its holder from others, in a text that is no secret. */
    readonly who: string;
  }
  | { readonly refusal: string };

/** Looks at an Authorization header. */
export type BearerCheck = (authorization: string | null) => Credential;

/** A token that lets somebody in. */
export interface CapabilityToken {
  /** The SHA-256 of the token, 64 hex digits. */
  readonly sha256: string;
  readonly role: Role;
}

/** What a signed token must say. */
export interface SignedTokenOptions {
  /** The shared secret. */
  readonly secret: Uint8Array;
  /** What `iss` must equal. */
  readonly issuer?: string | undefined;
  /** What `aud` must equal or contain. */
  readonly audience?: string | undefined;
  /** Seconds by which `exp` and `nbf` may be off. */
  readonly clockSkewSeconds: number;
}

/** Lets those in who hold one of some tokens. */
export function capabilityTokens(tokens: readonly CapabilityToken[]): BearerCheck {
  const expected = tokens.map(({ sha256, role }) => ({ digest: Buffer.from(sha256, "hex"), role }));
  return (authorization) =>
    withToken(authorization, (token) => {
      // Digests have one length and say nothing of how much of a guess was right.
      const actual = createHash("sha256").update(token).digest();
      const found = expected.filter(({ digest }) => timingSafeEqual(actual, digest)).at(0);
      return found
        ? { role: found.role, who: `token ${actual.toString("hex")}` }
        : { refusal: "invalid websocket bearer token" };
    });
}

/** Lets those in who hold a token signed with the shared secret (JWT, HS256), whose `exec_role` says what they may do. */
export function signedToken(options: SignedTokenOptions): BearerCheck {
  return (authorization) =>
    withToken(authorization, (token) => {
      const claims = verifiedClaims(token, options.secret);
      if (!claims) return { refusal: "invalid websocket jwt" };
      const refusal = refuseClaims(claims, options);
      if (refusal !== undefined) return { refusal };
      const { exec_role: role = "full" } = claims;
      return isRole(role)
        ? { role, who: subjectOf(claims) ?? `token ${createHash("sha256").update(token).digest("hex")}` }
        : { refusal: "the exec_role of the websocket jwt is none of " + roles.join(", ") };
    });
}

/** Whoever a token was made for stays the same when it is made anew. */
function subjectOf({ iss, sub }: Record<string, unknown>): string | undefined {
  return isText(sub) ? JSON.stringify([iss ?? null, sub]) : undefined;
}

function withToken(authorization: string | null, check: (token: string) => Credential): Credential {
  if (authorization === null) return { refusal: "missing websocket bearer token" };
  if (authorization.length > AUTHORIZATION_CHARS) return { refusal: "invalid authorization header" };
  const [, token] = /^bearer +(\S.*)$/i.exec(authorization.trim()) ?? [];
  return token === undefined ? { refusal: "invalid authorization header" } : check(token);
}

/**
 * The claims of a token whose signature is right. Written out here because libraries judge header members that the
 * protocol ignores, such as `typ`.
 */
function verifiedClaims(token: string, secret: Uint8Array): Record<string, unknown> | undefined {
  const [, signed, header, claims, signature] = /^(([\w-]+)\.([\w-]+))\.([\w-]+)$/.exec(token) ?? [];
  if (signed === undefined) return undefined;
  const expected = createHmac("sha256", secret).update(signed).digest();
  const actual = Buffer.from(signature!, "base64url");
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return undefined;
  // One signature has one spelling: the last digit may hold bits that decode to nothing.
  if (actual.toString("base64url") !== signature) return undefined;
  const { alg, crit, x5c, ...others } = decodeObject(header!);
  // A header that declares members critical asks to be refused by whoever does not know them (RFC 7515).
  if (
    alg !== "HS256" || (crit ?? null) !== null || !isTextList(x5c ?? []) ||
    !textMembers.every((name) => isText(others[name] ?? ""))
  ) {
    return undefined;
  }
  return decodeObject(claims!);
}

/** Members of a header that are text where they are there at all. */
const textMembers = ["typ", "cty", "jku", "kid", "x5u", "x5t", "x5t#S256"];

/** A JSON object in base64url, its numbers as they were written; an empty one for anything else. */
function decodeObject(base64url: string): Record<string, unknown> {
  const bytes = Buffer.from(base64url, "base64url");
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const finding = inspectJson(text);
    if ("reason" in finding) return {};
    const value = parseExactJson(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // Who says a thing twice may be understood in two ways (RFC 7519, section 4).
    return isObject && countMembers(value) === finding.members ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

function refuseClaims(claims: Record<string, unknown>, options: SignedTokenOptions): string | undefined {
  const { exp, nbf, iss, aud, sub } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud ?? ""];
  if (
    !isTime(exp) || !isTime(nbf ?? 0) || !isText(iss ?? "") || !isTextList(audiences) ||
    typeof (sub ?? "") === "object"
  ) {
    return "invalid websocket jwt";
  }
  const now = Date.now() / 1000;
  if (now > Number(exp) + options.clockSkewSeconds) return "expired websocket jwt";
  if (isTime(nbf) && now < Number(nbf) - options.clockSkewSeconds) return "websocket jwt is not valid yet";
  if (options.issuer !== undefined && iss !== options.issuer) return "websocket jwt issuer mismatch";
  if (options.audience !== undefined && (aud === undefined || !audiences.includes(options.audience))) {
    return "websocket jwt audience mismatch";
  }
  return undefined;
}

/** A whole number of seconds, of 64 bits and written as one. */
function isTime(value: unknown): value is number | bigint {
  if (typeof value === "bigint") return value === BigInt.asIntN(64, value);
  return typeof value === "number" && !Object.is(value, -0);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}
