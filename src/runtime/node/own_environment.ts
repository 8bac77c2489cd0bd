import { readFileSync } from "node:fs";
import { env } from "node:process";
import { withBytes } from "../../host/environment_bytes.ts";

/** This program's environment, with what is not text where the system tells it. */
export function ownEnvironment(): Record<string, string> {
  const text = { ...env } as Record<string, string>;
  try {
    return withBytes(text, readFileSync("/proc/self/environ"));
  } catch {
    return text;
  }
}
