import { SHOWN_HEADER_CHARS } from "../limits.ts";
import type { Role } from "../protocol/roles.ts";
import type { Credential } from "./bearer.ts";

/** Looks at the names in a client's certificate. */
export type NamesCheck = (names: readonly string[]) => Credential;

/** Whom a rule lets in, and what they may do. */
export interface NameRule {
  /** A name, in which `*` stands for any characters, also for none. */
  readonly pattern: string;
  readonly role: Role;
}

/** Lets those in of whose names one fits a rule; the first rule that does says what they may do. */
export function clientNames(rules: readonly NameRule[]): NamesCheck {
  return (names) => {
    const rule = rules.find(({ pattern }) => names.some((name) => fits(name, pattern)));
    if (rule) return { role: rule.role, who: `names ${JSON.stringify(names)}` };
    const shown = JSON.stringify(names.join(" ").slice(0, SHOWN_HEADER_CHARS));
    return { refusal: `no --tls-client-name lets this certificate in, which has the names ${shown}` };
  };
}

/** Compares piece by piece, which takes no longer for a name that is made to take long. */
function fits(name: string, pattern: string): boolean {
  const [first, ...pieces] = pattern.split("*");
  if (pieces.length === 0) return name === pattern;
  const last = pieces.pop()!;
  if (!name.startsWith(first!)) return false;
  let at = first!.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
