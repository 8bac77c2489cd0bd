/** What is typed at programs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { kill } from "node:process";
import { processorTime, type Scenarios, script, spawn } from "./terminal.ts";
import { exitOf } from "../../support/exit_of.ts";

/** Whether a promise settles before a few turns of the event loop are over. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  await processorTime(100);
  return !settled;
}

export const input: Scenarios = {
  "what is typed is echoed, edited and read by lines": async () => {
    const program = script('read line; echo "<$line>"');
    await program.type("helüx\x7f\x7flo\r");
    const printed = await program.rest();
    assert.match(printed, /<hello>\n$/);
  },

  "Ctrl-D ends the input": async () => {
    const program = script("cat; echo end $?");
    await program.type("line\n");
    await program.until("line\r\nline\r\n");
    await program.type("\x04");
    assert.match(await program.rest(), /end 0\n$/);
  },

  "Ctrl-C interrupts, also a program that floods the terminal": async () => {
    const quiet = script("echo ready; exec sleep 1000");
    await quiet.until("ready\r\n");
    await quiet.type("\x03");
    assert.deepEqual(await exitOf(quiet.child), { code: null, signal: "SIGINT" });
    assert.equal(await quiet.rest(), "^C");
    const flood = spawn({ program: "/usr/bin/yes" });
    for (let bytes = 0; bytes < 1_000_000;) bytes += (await flood.read())!.length;
    const rest = flood.countRest();
    await flood.type("\x03");
    assert.deepEqual(await exitOf(flood.child), { code: null, signal: "SIGINT" });
    await rest;
  },

  "a megabyte arrives whole, at the pace of the reader": async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const program = script("stty raw -echo; echo ready; head -c 1048576 | sha256sum");
    await program.until("ready\n");
    const sent = createHash("sha256");
    for (let i = 0; i < 16; i++) {
      await program.child.stdin!.write(bytes);
      sent.update(bytes);
    }
    assert.match(await program.rest(), new RegExp(sent.digest("hex")));
  },

  "a writer is held up by a program that does not read, and goes on when it reads": async () => {
    const program = script(
      "trap go=1 USR1; stty raw -echo; echo ready; until [ $go ]; do sleep 0.02; done; head -c 65536 | sha256sum",
    );
    await program.until("ready\n");
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const write = program.child.stdin!.write(bytes);
    assert.ok(await isPending(write));
    kill(program.child.pid, "SIGUSR1");
    await write;
    assert.match(await program.rest(), new RegExp(createHash("sha256").update(bytes).digest("hex")));
  },

  "a held-up write ends when the terminal is closed": async () => {
    const program = script("stty raw -echo; echo ready; exec sleep 1000");
    await program.until("ready\n");
    const write = program.child.stdin!.write(new Uint8Array(65_536));
    assert.ok(await isPending(write));
    await program.child.stdin!.close();
    await assert.rejects(write, { code: "EPIPE" });
    await assert.rejects(program.type("more"), { code: "EPIPE" });
    await program.child.stdin!.close();
    kill(program.child.pid, "SIGKILL");
    await program.rest();
  },

  "a held-up write ends when the program ends": async () => {
    const program = script("stty raw -echo; echo ready; exec sleep 1000");
    await program.until("ready\n");
    const write = program.child.stdin!.write(new Uint8Array(65_536));
    assert.ok(await isPending(write));
    kill(program.child.pid, "SIGTERM");
    await assert.rejects(write, { code: "EPIPE" });
    assert.equal(await program.rest(), "");
    assert.deepEqual(await exitOf(program.child), { code: null, signal: "SIGTERM" });
  },

  "writing to an ended terminal fails": async () => {
    const program = script("true");
    await program.rest();
    await assert.rejects(program.type("more"), { code: "EPIPE" });
  },

  "64 KiB pasted into a program that edits lines and does not read hold nobody up for ever": async () => {
    const program = script("echo ready; exec sleep 1000");
    await program.until("ready\r\n");
    const echo = program.countRest();
    const lines = program.child.stdin!.write(
      new Uint8Array(65_536).fill(0x61).map((a, i) => i % 64 ? a : 0x0a),
    );
    lines.catch(() => {});
    assert.ok(await processorTime(200) < 150, "waiting costs nothing");
    kill(program.child.pid, "SIGKILL");
    await Promise.allSettled([lines]);
    await echo;
  },
};
