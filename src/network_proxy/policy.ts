/** What a process may reach, as its client says it, and as decisions are made by it. */
import { DomainPatterns, PatternError, readPattern } from "./domain_pattern.ts";

/** How a proxy is to decide. */
export interface ProxyOptions {
  /** Patterns of hosts, and what becomes of them. */
  readonly domains?: Readonly<Record<string, "none" | "allow" | "deny">> | undefined;
  /** Patterns of hosts that are asked about though they are allowed. */
  readonly reviewDomains?: readonly string[] | undefined;
  /** Whether this machine and its neighbours may be reached, too. */
  readonly allowsLocal: boolean;
  /** Whether only reading by HTTP is allowed. */
  readonly isLimited: boolean;
  /** Paths of Unix sockets and what becomes of them: they are checked, and none can be reached. */
  readonly unixSockets?: Readonly<Record<string, "allow" | "deny">> | undefined;
}

/** The same, read. */
export interface ProxyPolicy {
  readonly denied: DomainPatterns;
  readonly allowed: DomainPatterns;
  readonly reviewed: DomainPatterns;
  readonly allowsLocal: boolean;
  readonly isLimited: boolean;
}

/** @throws {PatternError} for what cannot be obeyed */
export function proxyPolicy(options: ProxyOptions): ProxyPolicy {
  const { domains = {}, reviewDomains = [], unixSockets = {}, allowsLocal, isLimited } = options;
  const listed = (verdict: "allow" | "deny") =>
    Object.entries(domains).filter(([, given]) => given === verdict).map(([pattern]) => readPattern(pattern));
  const denied = listed("deny");
  if (denied.some(({ kind }) => kind === "all")) {
    throw new PatternError(
      "invalid value for network.denied_domains: * (allowed exact hosts or scoped wildcards like " +
        "*.example.com or **.example.com)",
    );
  }
  const allowed = listed("allow");
  refuseRelativeSockets(unixSockets);
  return {
    denied: new DomainPatterns(denied),
    allowed: new DomainPatterns(allowed),
    reviewed: new DomainPatterns(reviewDomains.map(readPattern)),
    allowsLocal,
    isLimited,
  };
}

function refuseRelativeSockets(sockets: NonNullable<ProxyOptions["unixSockets"]>): void {
  const paths = Object.entries(sockets).filter(([, verdict]) => verdict === "allow").map(([path]) => path);
  const index = paths.findIndex((path) => !path.startsWith("/") || path.includes("\0"));
  if (index < 0) return;
  throw new PatternError(
    `invalid network.allow_unix_sockets[${index}]: expected a NUL-free absolute path for Linux, got ` +
      JSON.stringify(paths[index]),
  );
}
