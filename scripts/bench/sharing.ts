/**
 * What it costs that people share processes: viewers, listing, output on disk, recordings.
 *
 *   deno run -A scripts/bench/sharing.ts [ROUNDS]
 *
 * It measures the command of EXEC_SERVER_COMMAND, a JSON array, or this checkout on Deno. What is compared takes turns, and
 * the best of each counts: what else the machine does only adds to it.
 */
import { openClient, startParams } from "../../tests/support/client.ts";
import { serverCommand, startServer } from "../../tests/support/server_process.ts";
import { TempFolder } from "../../tests/support/temp_folder.ts";

const rounds = Number(Deno.args[0] ?? 5);
const flood = 200_000_000;

const print = (line: string) => Deno.stdout.write(new TextEncoder().encode(`${line}\n`));

interface Floods {
  /** Flags of the server. */
  readonly args?: string[];
  readonly viewers?: number;
  readonly tty?: boolean;
  readonly bytes?: number;
}

/** How long a flood takes to reach its owner in seconds, and what the server took of the processor meanwhile. */
async function floods({ args = [], viewers = 0, tty = false, bytes = flood }: Floods) {
  await using server = await startServer({ args: ["--log-level", "off", ...args] });
  await using client = await openClient(server.url);
  // A terminal is written lines, as a build does.
  const lines = tty ? " | tr '\\0' x | fold -w 79" : "";
  const script = `read x; head -c ${bytes} /dev/zero${lines}`;
  const process = await client.start(
    startParams("p", ["sh", "-c", script], { tty, pipeStdin: true, name: "flood" }),
  );
  const watching = Array.from({ length: viewers }, () => {
    const [program, ...rest] = serverCommand();
    return new Deno.Command(program!, {
      args: [...rest, "attach", "--read-only", "--url", server.url, "flood"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
  });
  while ((await client.call("process/listAll", {})).processes![0]!.viewers < viewers) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [began, used] = [performance.now(), processorMs(server.pid)];
  await client.call("process/write", { processId: "p", chunk: btoa("\n"), writeId: "1" });
  for await (const event of process) if (event.kind === "closed") break;
  const seconds = (performance.now() - began) / 1000;
  const processor = (processorMs(server.pid) - used) / 1000;
  for (const viewer of watching) {
    try {
      viewer.kill("SIGKILL");
    } catch {
      // It has ended with what it looked at.
    }
    await viewer.status;
  }
  return { seconds, processor };
}

function processorMs(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/.*\) /s, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Both in turns: how much longer the second takes, and how much more of the processor for each of its seconds. */
async function compare(name: string, plain: Floods, other: Floods): Promise<void> {
  const [before, after] = [[], []] as Awaited<ReturnType<typeof floods>>[][];
  for (let round = 0; round < rounds; round++) {
    before!.push(await floods(plain));
    after!.push(await floods(other));
  }
  const best = (runs: typeof before, what: "seconds" | "processor") =>
    Math.min(...runs!.map((run) => run[what]));
  const longer = best(after, "seconds") / best(before, "seconds");
  const dearer = best(after, "processor") / best(before, "processor");
  const more = (best(after, "processor") - best(before, "processor")) / best(before, "seconds");
  await print(
    `${name}: ${longer.toFixed(2)} times as long, ${dearer.toFixed(2)} times the server's processor time, ` +
      `${(more * 100).toFixed(0)} % of a core more`,
  );
}

async function attachAndList(): Promise<void> {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using owner = await openClient(server.url);
  const log = await owner.start(
    startParams("p", ["sh", "-c", "head -c 1048576 /dev/zero; read x"], { pipeStdin: true, name: "log" }),
  );
  for await (const event of log) if (event.kind === "output" && event.offset === 1_048_576) break;
  await using viewer = await openClient(server.url);
  const { handle } = (await viewer.call("process/listAll", {})).processes![0]!;
  const attached: number[] = [];
  for (let i = 0; i < rounds * 8; i++) {
    const began = performance.now();
    const { process } = await viewer.attach({ processId: `v${i}`, handle });
    for await (const event of process) if (event.kind === "output" && process.log.offset >= 1_000_000) break;
    attached.push(performance.now() - began);
    await viewer.call("process/detach", { processId: `v${i}` });
  }
  await print(`attach to a log of 1 MiB, and read it: ${Math.min(...attached).toFixed(1)} ms`);

  for (let i = 0; i < 1_000; i++) {
    await owner.start(startParams(`s${i}`, ["sleep", "1000"], { name: `sleeper-${i}` }));
  }
  const listed: number[] = [];
  for (let i = 0; i < rounds * 8; i++) {
    const began = performance.now();
    const { processes } = await viewer.call("process/listAll", {});
    listed.push(performance.now() - began);
    if (processes!.length !== 1_001) throw new Error(`only ${processes!.length} were listed`);
  }
  await print(`list 1,000 named processes: ${Math.min(...listed).toFixed(1)} ms`);
}

await attachAndList();
await compare("five viewers", {}, { viewers: 5 });
await using spool = new TempFolder();
await compare("output on disk", {}, { args: ["--spool", spool.path] });
await using records = new TempFolder();
const terminal = { tty: true, bytes: flood / 4 };
await compare("a recorded terminal", terminal, { ...terminal, args: ["--record-dir", records.path] });
