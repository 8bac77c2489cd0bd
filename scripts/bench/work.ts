import type { Contender } from "./contender.ts";
import type { Numbers } from "./metric.ts";
import type { Job } from "./worker.ts";

/** How long one client process may take, in milliseconds; several times what the slowest needs. */
const WORK_MS = 120_000;

/** Does a job in a client process of its own. @throws {Error} with what that process said last */
export async function work(contender: Contender, job: Job): Promise<Numbers> {
  const [program, ...args] = contender.client ?? [Deno.execPath(), "run", "-A", "--quiet"];
  const child = new Deno.Command(program!, {
    args: [...args, "scripts/bench/worker.ts", JSON.stringify(job)],
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    Deno.kill(-child.pid, "SIGKILL"); // With the clients that it started.
  }, WORK_MS);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  if (isLate) throw new Error(`It took more than ${WORK_MS / 1000} s`);
  const decoder = new TextDecoder();
  if (success) return JSON.parse(decoder.decode(stdout));
  throw new Error(decoder.decode(stderr).trim().split("\n").at(-1) || "The client process says nothing");
}
