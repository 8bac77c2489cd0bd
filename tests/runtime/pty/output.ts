/** What programs print, and how it ends. */
import assert from "node:assert/strict";
import { blocked, descriptors, processorTime, progress, type Scenarios, script, spawn } from "./terminal.ts";
import { exitOf } from "../../support/exit_of.ts";

export const output: Scenarios = {
  "every byte value comes through a raw terminal": async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join(
      "",
    );
    const program = script(`stty raw; for i in 1 2 3 4; do printf '${bytes}'; done`);
    const received: number[] = [];
    for (let chunk = await program.read(7); chunk; chunk = await program.read(7)) {
      assert.ok(chunk.length >= 1 && chunk.length <= 7);
      received.push(...chunk);
    }
    assert.deepEqual(received, [0, 1, 2, 3].flatMap(() => Array.from({ length: 256 }, (_, byte) => byte)));
  },

  "a chunk is the reader's to keep": async () => {
    const program = script("stty -opost; seq 1 20000");
    const chunks: Uint8Array[] = [];
    for (let chunk = await program.read(); chunk; chunk = await program.read()) chunks.push(chunk);
    const text = chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
    assert.equal(text, Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join(""));
  },

  "a program that nobody reads is held up, and loses nothing": async () => {
    const program = spawn({ program: "/usr/bin/seq", args: ["1", "100000"] });
    await blocked(program.child.pid);
    const { written } = progress(program.child.pid);
    assert.ok(written < 100_000, `${written} bytes were taken though nobody read`);
    assert.equal(await program.rest(), Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join(""));
    assert.deepEqual(await exitOf(program.child), { code: 0, signal: null });
  },

  "the end comes after the last output, and again when asked again": async () => {
    const program = script("echo last; exit 7");
    assert.deepEqual(await exitOf(program.child), { code: 7, signal: null });
    assert.equal(await program.rest(), "last\n");
    assert.equal(await program.read(), null);
    assert.equal(await program.read(), null);
  },

  "an ended terminal that nobody reads costs no processor time": async () => {
    const programs = Array.from({ length: 20 }, () => script("echo unread"));
    await Promise.all(programs.map((program) => program.child.exit));
    assert.ok(await processorTime(500) < 200);
    for (const program of programs) assert.equal(await program.rest(), "unread\n");
  },

  "a program that closes its terminal and lives on ends when it exits": async () => {
    const program = script("echo before; exec <&- >&- 2>&-; sleep 0.3; exit 4");
    assert.equal(await program.until("before\r\n"), "before\r\n");
    const end = program.read();
    assert.ok(await processorTime(200) < 100, "waiting for the exit costs nothing");
    assert.equal(await end, null);
    assert.deepEqual(await exitOf(program.child), { code: 4, signal: null });
  },

  "a program that closes its terminal can open it again": async () => {
    const program = script(
      "name=$(tty); exec </dev/null >/dev/null 2>&1; sleep 0.2; echo by tty >/dev/tty; sleep 0.2; echo by name >$name",
    );
    assert.equal(await program.rest(), "by tty\nby name\n");
  },

  "what a grandchild prints after the exit arrives, and the end waits for it": async () => {
    const program = script("trap '' HUP; exec 3<&0; (read -u 3 line; echo late $line) & echo early; exit 5");
    assert.equal(await program.until("early\r\n"), "early\r\n");
    assert.deepEqual(await exitOf(program.child), { code: 5, signal: null });
    await program.type("typed\n");
    assert.match(await program.rest(), /late typed\n$/);
  },

  "a cancelled read answers null, as do those after it": async () => {
    const program = script("read line");
    const pending = program.read();
    program.child.outputs[0]!.source.cancel();
    program.child.outputs[0]!.source.cancel();
    assert.equal(await pending, null);
    assert.equal(await program.read(), null);
    await program.type("\n");
    assert.deepEqual(await exitOf(program.child), { code: 0, signal: null });
  },

  "what is done with leaves no descriptor open": async () => {
    const round = async () => {
      await script("echo read").rest();
      const cancelled = script("echo cancelled; sleep 0.1");
      cancelled.child.outputs[0]!.source.cancel();
      await cancelled.child.exit;
      const closed = script("echo ready; read line");
      await closed.until("ready\r\n");
      const pending = closed.read();
      await closed.close();
      await pending;
    };
    // What is opened once is open after the first wait.
    await script("sleep 0.1").rest();
    const before = descriptors();
    for (let i = 0; i < 10; i++) await round();
    assert.equal(descriptors(), before);
  },
};
