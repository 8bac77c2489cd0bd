import { existsSync, readFileSync } from "node:fs";
import { thisProcessor } from "../../runner/system_calls.ts";

let answer: boolean | undefined;

/** Whether the kernel has what catching connections takes, as far as can be told without trying it. */
export function mayCatch(): boolean {
  return answer ??= thisProcessor !== undefined && existsSync("/proc/net/netfilter") && hasUserNamespaces();
}

function hasUserNamespaces(): boolean {
  try {
    return existsSync("/proc/self/ns/user") &&
      readFileSync("/proc/sys/user/max_user_namespaces", "utf8").trim() !== "0";
  } catch {
    return false;
  }
}
