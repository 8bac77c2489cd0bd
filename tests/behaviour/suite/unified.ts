import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { UnifiedExecProcess } from "../../../src/collect/unified_process.ts";
import { gone, startScript } from "../../support/backend_process.ts";
import type { Behaviours } from "../backend_suite.ts";

/** The wrapper that collects output and waits. */
export const unifiedBehaviours: Behaviours = {
  "a wrapped process collects its output and waits for its end": async (backend) => {
    await using process = new UnifiedExecProcess(await startScript(backend, "echo a; echo b >&2; exit 2"));
    is(await process.waitUntil(), "ended");
    same([...process.output.trim().split("\n")].sort(), ["a", "b"]);
    is(process.state.exitCode, 2);
    is(await process.waitUntil({ pattern: /never/ }), "ended");
  },
  "a wrapped process waits for a pattern, also across chunks": async (backend) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "read x; printf rea; sleep 0.1; printf dy; sleep 60", { pipeStdin: true }),
    );
    const ready = process.waitUntil({ pattern: /ready/g, deadlineMs: 20_000 });
    same(await process.write("\n"), { ok: true });
    is(await ready, "pattern");
    is(process.output, "ready");
  },
  "a wait for a pattern misses no output that came before it": async (backend) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "echo a prompt; while read x; do echo got $x twice: $x; done", {
        pipeStdin: true,
      }),
    );
    const isThere = async (text: string) => {
      while (!process.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await isThere("prompt\n");
    is(await process.waitUntil({ pattern: /prompt/, deadlineMs: 20_000 }), "pattern");
    is(await process.waitUntil({ pattern: /prompt/, deadlineMs: 50 }), "deadline");
    await process.write("1\n");
    await isThere("twice: 1\n");
    is(await process.waitUntil({ pattern: /1/, deadlineMs: 20_000 }), "pattern");
    is(await process.waitUntil({ pattern: /1/, deadlineMs: 20_000 }), "pattern");
    is(await process.waitUntil({ pattern: /1/, deadlineMs: 50 }), "deadline");
    await process.write("2\n");
    await isThere("twice: 2\n");
    // What was there before the write is not taken for its answer.
    await process.write("3\n");
    is(await process.waitUntil({ pattern: /[23]/, deadlineMs: 20_000 }), "pattern");
    is(await process.waitUntil({ pattern: / 3\n/, deadlineMs: 20_000 }), "pattern");
    await process.terminate();
    is(await process.waitUntil(), "ended");
  },
  "a wait ends with the process, whoever holds its output open": async (backend) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "sleep 60 & echo started; exit 3"),
    );
    is(await process.waitUntil({ deadlineMs: 30_000 }), "ended");
    same([process.output, process.state.exitCode], ["started\n", 3]);
    is(await process.waitUntil({ deadlineMs: 30_000 }), "ended");
  },
  "a wait ends with the process, though a job that it left behind writes without end": async (backend) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "(while :; do echo x; sleep 0.05; done) & echo started"),
    );
    is(await process.waitUntil({ deadlineMs: 30_000 }), "ended");
    ok(process.output.includes("started\n"));
  },
  "a wrapped process waits for silence": async (backend) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "for i in 1 2 3; do echo $i; sleep 0.02; done; sleep 60"),
    );
    is(await process.waitUntil({ pattern: /1/ }), "pattern");
    is(await process.waitUntil({ quietMs: 500 }), "quiet");
    is(process.output, "1\n2\n3\n");
  },
  "a wait has a deadline, and can be given up": async (backend) => {
    await using process = new UnifiedExecProcess(await startScript(backend, "exec sleep 60"));
    is(await process.waitUntil({ deadlineMs: 20 }), "deadline");
    const abort = new AbortController();
    const waiting = process.waitUntil({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await rejects(waiting, { message: "enough" });
    is(process.state.hasExited, false);
  },
  "a wrapped process keeps the beginning and the end of much output, and says what it cut": async (
    backend,
  ) => {
    await using process = new UnifiedExecProcess(
      await startScript(backend, "printf start; head -c 5000000 /dev/zero | tr '\\0' x; printf end"),
      { limitBytes: 1_000 },
    );
    await process.ended;
    match(process.output, /^startx{495}\n\[\.\.\. 4999008 bytes cut \.\.\.\]\nx{497}end$/);
    is(process.cutBytes, 4_999_008);
  },
  "writing to a wrapped process says clearly why it cannot": async (backend) => {
    await using process = new UnifiedExecProcess(await startScript(backend, "exec sleep 60"));
    const outcome = await process.write("x");
    ok(!outcome.ok && outcome.reason === "no-stdin");
  },
  "leaving the block ends a wrapped process": async (backend) => {
    let pid = 0;
    {
      await using process = new UnifiedExecProcess(await startScript(backend, "echo $$; exec sleep 60"));
      await process.waitUntil({ pattern: /\n/ });
      pid = Number(process.output);
    }
    await gone(pid);
  },
  "a wrapped terminal is the same": async (backend) => {
    await using process = new UnifiedExecProcess(await startScript(backend, "exec cat", { tty: true }));
    const echoed = process.waitUntil({ pattern: /hi\r\nhi\r\n/, deadlineMs: 20_000 });
    same(await process.write("hi\n"), { ok: true });
    is(await echoed, "pattern");
  },
};
