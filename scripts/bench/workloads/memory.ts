import { kilobytes, megabytes } from "../metric.ts";
import { RawClient } from "../raw_client.ts";
import { residentBytes, settledBytes } from "../resident_bytes.ts";
import type { Workload } from "../workload.ts";

const idle = 100;

/** Fewer, where each is a process or two of the server's own: they cost so much that they are seen all the same. */
const idleOfShells = 20;

/** Work that shows what a server keeps once it is done: so many commands at once, with so much output each. */
const loadCommands = 50;
const loadScript = "head -c 20000000 /dev/zero";

/** How long a server is left alone after the load, in milliseconds. */
const idleMs = 5_000;

/** Memory of a server of its own: at rest, for every idle process and connection, and after work. */
export const memory: Workload = {
  name: "memory",
  metrics: [
    megabytes("memory at rest"),
    kilobytes("memory per idle process"),
    kilobytes("memory per idle connection"),
    megabytes("memory after load"),
  ],
  besides: ["bare socket", "sshd", "websocketd"],
  isFresh: true,
  rounds: 2,
  async run({ url, pid }) {
    const settled = () => settledBytes(() => residentBytes(pid));
    const client = await RawClient.open(url);
    const rest = await settled();
    // The first process may start what all share, such as a thread; what one more costs is asked.
    await client.start("first", ["sleep", "600"]);
    const withOne = await settled();
    for (let i = 0; i < idle; i++) await client.start(`idle${i}`, ["sleep", "600"]);
    const withProcesses = await settled();
    const clients = await Promise.all(Array.from({ length: idle }, () => RawClient.open(url)));
    const withConnections = await settled();
    for (const other of clients) other.close();
    for (let i = 0; i < idle; i++) await client.call("process/terminate", { processId: `idle${i}` });
    await Promise.all(Array.from({ length: loadCommands }, async (_, i) => {
      await (await client.start(`load${i}`, ["/bin/sh", "-c", loadScript])).closed;
    }));
    // A user asks what a server keeps, not what it has at the end of its last turn: some tidy up when they are idle.
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const after = await settled();
    client.close();
    return {
      "memory at rest": rest / 1e6,
      "memory per idle process": perIdle(withOne, withProcesses),
      "memory per idle connection": perIdle(withProcesses, withConnections),
      "memory after load": after / 1e6,
    };
  },
  async runShell(shell) {
    const settled = () => settledBytes(() => shell.memory!());
    const rest = await settled();
    const waits = await shell.prepare(["/bin/sh", "-c", "echo; exec cat"]);
    for (let i = 0; i < idleOfShells; i++) await waits.leaveRunning!();
    const withConnections = await settled();
    await shell.endRunning!();
    const load = await shell.prepare(["/bin/sh", "-c", loadScript]);
    await Promise.all(Array.from({ length: loadCommands }, () => load.run()));
    return {
      "memory at rest": rest / 1e6,
      "memory per idle connection": perIdle(rest, withConnections, idleOfShells),
      "memory after load": await settled() / 1e6,
    };
  },
};

/** KB for each of what is there more. */
function perIdle(before: number, after: number, count = idle): number {
  return Math.max(0, after - before) / count / 1e3;
}
