/** Patterns of hosts: an exact name, `*.x` for what is below x, `**.x` for x and what is below it, `*` for everything. */
import { hostName } from "./host_name.ts";

/** A pattern cannot be obeyed; the message says which and why. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** A pattern that was read. */
export type DomainPattern =
  | { readonly kind: "all" }
  | { readonly kind: "exact"; readonly host: string }
  /** `isIncluded`: whether the host itself belongs to it. */
  | { readonly kind: "below"; readonly host: string; readonly isIncluded: boolean };

/**
 * Reads a pattern. One that would open more than it says is refused: a `*` inside a name, and a port.
 *
 * @throws {PatternError} for one that is none
 */
export function readPattern(text: string): DomainPattern {
  const trimmed = text.trim();
  if (trimmed === "") throw new PatternError("domain pattern is empty");
  if (trimmed === "*") return { kind: "all" };
  if (trimmed === "**") throw new PatternError("unsupported repeated wildcard: **");
  const [, stars, name = ""] = /^(?:(\*\*?)\.)?(.*)$/s.exec(trimmed)!;
  if (trimmed.includes("/")) throw new PatternError(`unsupported domain pattern syntax: ${text}`);
  if (name.includes("*")) {
    throw new PatternError(
      `unsupported domain pattern syntax: ${text}: a * stands for whole labels at the beginning, ` +
        "as in *.example.com or **.example.com",
    );
  }
  const host = hostName(name);
  if (host === undefined || (stars !== undefined && isAddress(host))) {
    const remedy = /:\d+$/.test(name) ? ": a pattern is for every port of a host, leave the port out" : "";
    throw new PatternError(`unsupported domain pattern syntax: ${text}${remedy}`);
  }
  if (stars === undefined) return { kind: "exact", host };
  return { kind: "below", host, isIncluded: stars === "**" };
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[\d.]+$/.test(host);
}

/** Patterns, to be asked about hosts. */
export class DomainPatterns {
  readonly #all: boolean;
  readonly #exact = new Set<string>();
  /** Domains, and whether they themselves are meant. */
  readonly #below = new Map<string, boolean>();

  constructor(patterns: readonly DomainPattern[]) {
    this.#all = patterns.some(({ kind }) => kind === "all");
    for (const pattern of patterns) {
      if (pattern.kind === "exact") this.#exact.add(pattern.host);
      if (pattern.kind !== "below") continue;
      this.#below.set(pattern.host, pattern.isIncluded || this.#below.get(pattern.host) === true);
    }
  }

  /** Whether one of them names just this host. */
  names(host: string): boolean {
    return this.#exact.has(host);
  }

  /** Whether one of them covers a host, which is spelled as {@linkcode hostName} does. */
  covers(host: string): boolean {
    if (this.#all || this.#exact.has(host) || this.#below.get(host) === true) return true;
    for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
      if (this.#below.has(host.slice(dot + 1))) return true;
    }
    return false;
  }
}
