import { readFileSync } from "node:fs";
import { constants } from "node:os";

/**
 * Whether this program was started to live on when its terminal goes away, as `nohup` does it: with the signal ignored.
 * A listener undoes that, on Deno even one for another signal, so this is asked before there is any. False where the
 * system does not tell.
 */
export function ignoresHangup(): boolean {
  try {
    const [, mask = "0"] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
    return (BigInt(`0x${mask}`) >> BigInt(constants.signals.SIGHUP - 1) & 1n) === 1n;
  } catch {
    return false;
  }
}
