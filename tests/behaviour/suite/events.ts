import { deepStrictEqual as same, ok, strictEqual as is } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { ProcessEvent } from "../../../src/log/process_event.ts";
import { finish, OutputText, runScript, startScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import { until } from "../../support/proc.ts";
import type { Behaviours } from "../backend_suite.ts";

async function all(events: AsyncIterable<ProcessEvent>): Promise<ProcessEvent[]> {
  const list: ProcessEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

/** What is told of a process, to whom and when. */
export const eventBehaviours: Behaviours = {
  "events are numbered 1, 2, 3, ... and end with closed": async (backend) => {
    const { events } = await runScript(backend, "echo a; sleep 0.05; echo b >&2; exit 7");
    same(events.map((event) => "seq" in event && event.seq), events.map((_, i) => i + 1));
    is(events.at(-1)?.kind, "closed");
    is(events.filter(({ kind }) => kind === "exited").length, 1);
    is(events.filter(({ kind }) => kind === "closed").length, 1);
  },
  "no process sees another's events": async (backend) => {
    const [one, other] = await Promise.all([
      runScript(backend, "for i in 1 2 3 4 5; do echo one; sleep 0.01; done"),
      runScript(backend, "for i in 1 2 3 4 5; do echo other; sleep 0.01; done"),
    ]);
    same([one.text, other.text], ["one\n".repeat(5), "other\n".repeat(5)]);
  },
  "a subscriber that comes late gets what is retained": async (backend) => {
    const process = await startScript(backend, "echo a; echo b; exit 4");
    const early = await all(process.events());
    const late = await all(process.events());
    same(late, early);
  },
  "a subscriber begins after the event it names": async (backend) => {
    const process = await startScript(backend, "echo a; sleep 0.1; echo b");
    const [first, ...rest] = await all(process.events());
    ok(first && "seq" in first);
    same(await all(process.events({ afterSeq: first.seq })), rest);
  },
  "several subscribers see the same": async (backend) => {
    const process = await startScript(backend, "sleep 0.05; echo a; sleep 0.05; echo b");
    const [one, other] = await Promise.all([all(process.events()), all(process.events({ lossless: true }))]);
    same(one, other);
  },
  "leaving the loop leaves the process alone": async (backend) => {
    await using process = await startScript(backend, "echo a; exec cat", { pipeStdin: true });
    for await (const event of process.events({ lossless: true })) if (event.kind === "output") break;
    is(process.state.hasExited, false);
    is(await process.write("x"), "accepted");
  },
  "a lossless reader gets every byte, however slow": async (backend) => {
    const process = await startScript(backend, "head -c 6000000 /dev/zero");
    let bytes = 0;
    for await (const event of process.events({ lossless: true })) {
      ok(event.kind !== "gap" && event.kind !== "failed", JSON.stringify(event));
      if (event.kind !== "output") continue;
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 200));
      bytes += event.bytes.length;
    }
    is(bytes, 6_000_000);
  },
  "a reader that is not lossless is told of its gap, and the process does not wait for it": async (
    backend,
  ) => {
    const process = await startScript(backend, "head -c 6000000 /dev/zero; echo end >&2");
    const slow = process.events();
    await slow.next();
    for await (const event of process.events()) if (event.kind === "closed") break;
    const events = await all(slow);
    const gap = events.find(({ kind }) => kind === "gap");
    ok(gap?.kind === "gap" && gap.fromSeq > 1 && gap.toSeq >= gap.fromSeq, JSON.stringify(gap));
    const next = events[events.indexOf(gap) + 1];
    ok(next && "seq" in next && next.seq === gap.toSeq + 1);
    is(events.at(-1)?.kind, "closed");
  },
  "whoever asks for events first, however late, misses nothing": async (backend) => {
    // The one fits into what is kept for it, more than what is retained for anybody; the other waits.
    const ended = await startScript(backend, "head -c 1800000 /dev/zero");
    const held = await startScript(backend, "head -c 6000000 /dev/zero");
    await until("it has ended", () => ended.state.hasExited);
    is((await finish(ended)).stdout.length, 1_800_000);
    is((await finish(held)).stdout.length, 6_000_000);
  },
  "a process that is not to be waited for ends without a reader": async (backend) => {
    const process = await startScript(backend, "head -c 6000000 /dev/zero", { lossless: false });
    await until("it has ended", () => process.state.hasExited);
    is((await all(process.events()))[0]?.kind, "gap");
  },
  "a flood that nobody reads keeps no other process from starting and ending": async (backend) => {
    await using _flood = await startScript(backend, "exec yes");
    is((await runScript(backend, "sleep 0.3; echo other")).text, "other\n");
  },
  "what nobody has read holds nothing up once its process is terminated": async (backend) => {
    const process = await startScript(backend, "exec yes");
    await runScript(backend, "sleep 0.3"); // Meanwhile it has written all that it can.
    await process.terminate();
    await until("it has ended", () => process.state.hasExited);
    is((await runScript(backend, "head -c 6000000 /dev/zero")).stdout.length, 6_000_000);
  },
  "what is retained is the newest output": async (backend) => {
    const process = await startScript(backend, "head -c 3000000 /dev/zero; printf tail");
    await finish(process);
    const events = await all(process.events());
    const bytes = events.flatMap((event) => event.kind === "output" ? [...event.bytes.slice(-4)] : []);
    is(textOf(new Uint8Array(bytes.slice(-4))), "tail");
    const retained = events.reduce(
      (sum, event) => sum + (event.kind === "output" ? event.bytes.length : 0),
      0,
    );
    ok(retained >= 900_000 && retained <= 1_100_000, String(retained));
  },
  "state tells the exit": async (backend) => {
    const process = await startScript(backend, "exec cat; exit 1", { pipeStdin: true });
    same(process.state, { hasExited: false, exitCode: null, failureMessage: null });
    await process.terminate();
    await finish(process);
    same(process.state, { hasExited: true, exitCode: 137, failureMessage: null });
  },
  "closed waits for whoever holds the output open": async (backend) => {
    const { events, text } = await runScript(backend, "(sleep 0.3; echo late) & echo early");
    is(text, "early\nlate\n");
    const exited = events.findIndex(({ kind }) => kind === "exited");
    const late = events.findIndex((event) => event.kind === "output" && textOf(event.bytes) === "late\n");
    ok(exited < late);
  },
  "10 MB arrive byte for byte": async (backend) => {
    const script = "seq 1 2000000 | head -c 10000000";
    const { stdout } = await runScript(backend, script);
    const expected = execFileSync("sh", ["-c", script], { maxBuffer: Infinity });
    is(stdout.length, expected.length);
    ok(stdout.every((byte, i) => byte === expected[i]));
  },
  "output is told while the process runs": async (backend) => {
    await using process = await startScript(backend, "echo ready; exec cat", { pipeStdin: true });
    using output = new OutputText(process);
    await output.until(/^ready\n$/);
    is(process.state.hasExited, false);
  },
};
