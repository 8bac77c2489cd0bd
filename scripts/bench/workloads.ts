/** What is measured: each workload drives one server through one client process and returns numbers by metric. */
import { RawClient } from "./raw_client.ts";

/** What a metric counts and which way is good. */
export interface Metric {
  readonly name: string;
  readonly unit: "ms" | "MB/s" | "MB" | "KB";
  readonly better: "lower" | "higher";
}

/** Numbers by the name of their metric. */
export type Numbers = Record<string, number>;

/** One workload. */
export interface Workload {
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** @param url the server, or undefined for the raw floor of the same work */
  run(url: string): Promise<Numbers>;
  /** The same work without any server, where there is such a thing. */
  floor?(): Promise<Numbers>;
}

const ms = (name: string): Metric => ({ name, unit: "ms", better: "lower" });
const rate = (name: string): Metric => ({ name, unit: "MB/s", better: "higher" });

export const workloads: readonly Workload[] = [
  {
    name: "start",
    metrics: [ms("start to response"), ms("start to closed, p50"), ms("start to closed, p99")],
    run: (url) =>
      withClient(url, async (client) => {
        const responses: number[] = [];
        const closes: number[] = [];
        for (let i = 0; i < 220; i++) {
          const started = performance.now();
          const { closed } = await client.start(`p${i}`, ["/bin/true"]);
          const answered = performance.now();
          await closed;
          if (i < 20) continue; // Warming up.
          responses.push(answered - started);
          closes.push(performance.now() - started);
        }
        return {
          "start to response": quantile(responses, 0.5),
          "start to closed, p50": quantile(closes, 0.5),
          "start to closed, p99": quantile(closes, 0.99),
        };
      }),
    async floor() {
      const times: number[] = [];
      for (let i = 0; i < 220; i++) {
        const started = performance.now();
        await bareSpawn();
        if (i >= 20) times.push(performance.now() - started);
      }
      return { "start to closed, p50": quantile(times, 0.5), "start to closed, p99": quantile(times, 0.99) };
    },
  },
  {
    name: "round trip",
    metrics: [ms("round trip")],
    run: (url) =>
      withClient(url, async (client) => {
        const times: number[] = [];
        for (let i = 0; i < 2_200; i++) {
          const started = performance.now();
          await client.call("environment/status", {});
          if (i >= 200) times.push(performance.now() - started);
        }
        return { "round trip": quantile(times, 0.5) };
      }),
  },
  output("bulk output", "head -c 400000000 /dev/zero", 400e6, false),
  output("short lines", "seq 1 3000000", 22_888_896, false),
  output("terminal output", "head -c 60000000 /dev/zero | tr '\\0' x", 60e6, true),
  atOnce(50),
  atOnce(500),
  {
    name: "stdin upload",
    metrics: [rate("stdin upload")],
    run: (url) =>
      withClient(url, async (client) => {
        const { closed } = await client.start("p", ["head", "-c", "100000000"], { pipeStdin: true });
        const chunk = btoa("x".repeat(196_608));
        const started = performance.now();
        for (let sent = 0, i = 0; sent < 100e6; sent += 196_608, i++) {
          await client.call("process/write", { processId: "p", chunk, writeId: String(i) });
        }
        await closed;
        return { "stdin upload": 100 / ((performance.now() - started) / 1000) };
      }),
  },
  {
    name: "files",
    metrics: [ms("8 MB file read"), ms("8 MB file write"), ms("walk of 10,000 entries")],
    async run(url) {
      const folder = await Deno.makeTempDir();
      await Deno.writeFile(`${folder}/file`, new Uint8Array(8 << 20).fill(7));
      for (let i = 0; i < 100; i++) {
        await Deno.mkdir(`${folder}/tree/${i}`, { recursive: true });
        for (let j = 0; j < 99; j++) await Deno.writeTextFile(`${folder}/tree/${i}/${j}`, "");
      }
      const dataBase64 = new Uint8Array(8 << 20).fill(7).toBase64();
      const options = {
        maxDepth: 6,
        maxDirectories: 2_000,
        maxEntries: 20_000,
        followDirectorySymlinks: true,
      };
      try {
        return await withClient(url, async (client) => ({
          "8 MB file read": await median(
            10,
            () => client.call("fs/readFile", { path: `file://${folder}/file` }),
          ),
          "8 MB file write": await median(
            10,
            () => client.call("fs/writeFile", { path: `file://${folder}/out`, dataBase64 }),
          ),
          "walk of 10,000 entries": await median(
            10,
            () => client.call("fs/walk", { path: `file://${folder}/tree`, options }),
          ),
        }));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  },
  {
    name: "resume",
    metrics: [ms("resume after a cut")],
    run: async (url) => {
      let client = await RawClient.open(url);
      const { sessionId } = client;
      await client.start("p", ["sleep", "60"]);
      const resumed = await median(10, async () => {
        client.close();
        for (;;) {
          try {
            client = await RawClient.open(url, sessionId);
            break;
          } catch {
            await new Promise((resolve) => setTimeout(resolve, 1)); // Still attached to the connection that was cut.
          }
        }
        await client.call("process/read", { processId: "p", afterSeq: 0 });
      });
      await client.call("process/terminate", { processId: "p" });
      client.close();
      return { "resume after a cut": resumed };
    },
  },
];

function output(name: string, command: string, bytes: number, tty: boolean): Workload {
  return {
    name,
    metrics: [rate(name)],
    run: (url) =>
      withClient(url, async (client) => {
        const started = performance.now();
        const { closed } = await client.start("p", ["/bin/sh", "-c", command], { tty });
        await closed;
        return { [name]: bytes / 1e6 / ((performance.now() - started) / 1000) };
      }),
    ...(tty ? {} : {
      async floor() {
        const started = performance.now();
        await barePipe(command);
        return { [name]: bytes / 1e6 / ((performance.now() - started) / 1000) };
      },
    }),
  };
}

function atOnce(count: number): Workload {
  const name = `${count} at once`;
  const all = async (start: (i: number) => Promise<unknown>) => {
    const started = performance.now();
    await Promise.all(Array.from({ length: count }, (_, i) => start(i)));
    return { [name]: performance.now() - started };
  };
  return {
    name,
    metrics: [ms(name)],
    run: (url) =>
      withClient(
        url,
        (client) => all(async (i) => await (await client.start(`p${i}`, ["/bin/echo", "hi"])).closed),
      ),
    floor: () => all(bareSpawn),
  };
}

async function withClient<T>(url: string, use: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.open(url);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

async function bareSpawn(): Promise<void> {
  await new Deno.Command("/bin/true", { stdin: "null", detached: true, clearEnv: true }).output();
}

async function barePipe(command: string): Promise<void> {
  const child = new Deno.Command("/bin/sh", { args: ["-c", command], stdout: "piped", stderr: "null" })
    .spawn();
  const reader = child.stdout.getReader({ mode: "byob" });
  while (!(await reader.read(new Uint8Array(65_536))).done);
  await child.status;
}

async function median(rounds: number, action: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const started = performance.now();
    await action();
    times.push(performance.now() - started);
  }
  return quantile(times, 0.5);
}

/** The number below which a share of all numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}
