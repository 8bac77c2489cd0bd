import { realpathSync } from "node:fs";
import { nameServer } from "./addresses.ts";

/** What tells programs where to ask for names. */
export const resolverText = `nameserver ${nameServer.address}\n`;

/** The file that is to say so; undefined where there is none: nobody looks for names then. */
export function resolverFile(): string | undefined {
  try {
    return realpathSync("/etc/resolv.conf");
  } catch {
    return undefined;
  }
}
