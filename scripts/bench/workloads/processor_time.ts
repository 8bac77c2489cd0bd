/**
 * What a gigabyte costs the processor, at both ends of `run`, and how fast it comes to a pipe. A server that has no client of
 * its own is asked by this program's.
 */
import { dirname } from "node:path";
import { root } from "../../places.ts";
import type { Contender, Started } from "../contender.ts";
import { type Metric, type Numbers, rate } from "../metric.ts";
import type { Workload } from "../workload.ts";

const BYTES = 1 << 30;

const seconds = (name: string): Metric => ({ name, unit: "s", better: "lower" });

export const processorTime: Workload = {
  name: "processor time",
  metrics: [
    seconds("output, server's time per GB"),
    seconds("output, both ends per GB"),
    seconds("input and back, both ends per GB"),
    rate("run -- head"),
  ],
  besides: ["sshd"],
  isLong: true,
  rounds: 3,
  async runContender(contender) {
    const started = await contender.start();
    try {
      if (started.target.kind === "sshd") return await ssh(contender, started);
      const ours = [Deno.execPath(), "run", "-A", "--quiet", `${root}/main.ts`, "run"];
      const { url, pid } = started.target as { readonly url: string; readonly pid: number };
      const client = contender.runOn?.(started.target) ?? [...ours, "--url", url, "--"];
      const down = await measured(pid, [...client, "head", "-c", String(BYTES), "/dev/zero"], "n");
      const numbers: Numbers = { "output, server's time per GB": down.server };
      if (!contender.run) return numbers;
      const back = await measured(pid, [...client, "cat"], "zeros");
      const local = await measured(pid, [...contender.run, "head", "-c", String(BYTES), "/dev/zero"], "n");
      return {
        ...numbers,
        "output, both ends per GB": down.server + down.client,
        "input and back, both ends per GB": back.server + back.client,
        "run -- head": BYTES / 1e6 / local.elapsed,
      };
    } finally {
      await started.stop();
    }
  },
};

/** Over a connection that is there. */
async function ssh(contender: Contender, { target }: Started): Promise<Numbers> {
  const folder = dirname((target as { readonly config: string }).config);
  const [program, ...args] = contender.runOn!(target);
  const shared = ["-o", "ControlMaster=auto", "-o", `ControlPath=${folder}/run`, "-o", "ControlPersist=60"];
  const client = [program!, ...shared, ...args];
  await timed([...client, "true"], "n");
  try {
    const { elapsed } = await timed([...client, `head -c ${BYTES} /dev/zero`], "n");
    return { "run -- head": BYTES / 1e6 / elapsed };
  } finally {
    await new Deno.Command(program!, { args: [...shared, "-O", "exit", ...args], stderr: "null" }).output();
  }
}

async function measured(pid: number, command: readonly string[], input: "n" | "zeros") {
  const before = processorSeconds(pid);
  const { client, elapsed } = await timed(command, input);
  return { client, elapsed, server: processorSeconds(pid) - before };
}

/** Runs a command whose output is counted, and its time told by the shell. */
async function timed(command: readonly string[], input: "n" | "zeros") {
  const source = input === "zeros" ? `head -c ${BYTES} /dev/zero` : "true";
  // What it says, its time and what it prints go three ways, and `wc` stands outside of what is timed.
  const script = `TIMEFORMAT='%R %U %S'; exec 3>&1; ${source} | { time "$@" 2>/dev/null; } 2>&3 | wc -c >&2`;
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...command],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  const [elapsed, user, system] = text.split(/\s+/).slice(-3).map(Number);
  const bytes = Number(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  const isWhole = command.at(-1) === "true" || bytes === BYTES;
  if (!success || !isWhole || !(elapsed! >= 0)) {
    throw new Error(`${command[0]}: of ${BYTES} bytes ${bytes} came`);
  }
  return { elapsed: elapsed!, client: user! + system! };
}

/** What a process has had of the processor, by its kernel: in hundredths. */
function processorSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
