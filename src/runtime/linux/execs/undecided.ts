/** Whether this machine lets somebody decide about what processes run, by what can be read without trying. */
import { readFileSync } from "node:fs";
import { geteuid } from "node:process";
import { release } from "node:os";
import { UndecidedExecsError } from "../../../host/pending_exec.ts";
import { thisProcessor } from "../runner/system_calls.ts";

/** Since then, a call that was heard of waits on through the signals of its process. */
const [leastMajor, leastMinor] = [5, 19];

/** Why nobody can; undefined where somebody can, as far as this tells. */
export function whyUndecided(): UndecidedExecsError | undefined {
  if (!thisProcessor) {
    return new UndecidedExecsError("it takes another processor", "use a server on x86_64 or aarch64");
  }
  const [major = 0, minor = 0] = release().split(".").map(Number);
  if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
    return new UndecidedExecsError(`this is Linux ${release()}`, "it takes Linux 5.19 or later");
  }
  if (!/\buser_notif\b/.test(textOf("/proc/sys/kernel/seccomp/actions_avail") ?? "")) {
    return new UndecidedExecsError("its kernel tells nobody of calls", "use a server on another machine");
  }
  const scope = Number(textOf("/proc/sys/kernel/yama/ptrace_scope") ?? 0);
  if (scope >= 3 || (scope === 2 && geteuid!() !== 0)) {
    return new UndecidedExecsError(
      "its kernel lets nobody look at other processes",
      "set kernel.yama.ptrace_scope to 1",
    );
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
