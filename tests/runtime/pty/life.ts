/** Exits, signals, sizes, and other processes beside those on terminals. */
import assert from "node:assert/strict";
import { spawn as spawnBeside } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import process, { kill } from "node:process";
import { type Scenarios, script } from "./terminal.ts";
import { exitOf } from "../../support/exit_of.ts";

export const life: Scenarios = {
  "an exit is told as status or as signal": async () => {
    const ends: [string, { code: number | null; signal: string | null }][] = [
      ["exit 0", { code: 0, signal: null }],
      ["exit 255", { code: 255, signal: null }],
      ["kill -KILL $$", { code: null, signal: "SIGKILL" }],
      ["kill -TERM $$", { code: null, signal: "SIGTERM" }],
      ["ulimit -c 0; kill -ABRT $$", { code: null, signal: "SIGABRT" }],
      ["ulimit -c 0; kill -SEGV $$", { code: null, signal: "SIGSEGV" }],
      ["kill -USR2 $$", { code: null, signal: "SIGUSR2" }],
      ["kill -40 $$", { code: null, signal: "SIG40" }],
    ];
    const programs = ends.map(([text]) => script(text));
    const statuses = await Promise.all(programs.map((program) => exitOf(program.child)));
    assert.deepEqual(statuses, ends.map(([, status]) => status));
    for (const program of programs) await program.rest();
  },

  "a stopped program has not exited": async () => {
    const program = script("echo ready; kill -STOP $$; echo on; exit 3");
    await program.until("ready\r\n");
    let exited = false;
    program.child.exit.then(() => exited = true);
    const rest = program.rest();
    while (!await isStopped(program.child.pid));
    assert.equal(exited, false);
    kill(program.child.pid, "SIGCONT");
    assert.equal(await rest, "on\n");
    assert.deepEqual(await exitOf(program.child), { code: 3, signal: null });
  },

  "a new size is seen, with SIGWINCH, and means nothing after the end": async () => {
    const program = script(
      "trap 'stty size; got=1' WINCH; echo ready; until [ $got ]; do sleep 0.02; done",
    );
    await program.until("ready\r\n");
    program.child.resize!({ rows: 1, cols: 65_535 });
    assert.equal(await program.rest(), "1 65535\n");
    program.child.resize!({ rows: 5, cols: 5 });
    // The next terminal gets the descriptor that is free now.
    const next = script("read line; stty size");
    program.child.resize!({ rows: 6, cols: 6 });
    await next.type("\n");
    assert.match(await next.rest(), /24 80\n$/);
  },

  "closing the terminal hangs up on its programs": async () => {
    const program = script("echo ready; sleep 1000");
    await program.until("ready\r\n");
    const pending = program.read();
    assert.deepEqual(await program.close(), { code: null, signal: "SIGHUP" });
    assert.equal(await pending, null);
  },

  "a program that ignores the hang-up lives on, and its exit is told": async () => {
    const program = script("trap '' HUP; echo ready; read line; echo $?; sleep 0.1; exit 6");
    await program.until("ready\r\n");
    assert.deepEqual(await program.close(), { code: 6, signal: null });
  },

  "closing the input alone leaves the output open": async () => {
    const program = script("echo ready; sleep 0.1; echo still here");
    await program.until("ready\r\n");
    await program.child.stdin!.close();
    assert.equal(await program.rest(), "still here\n");
    assert.deepEqual(await exitOf(program.child), { code: 0, signal: null });
  },

  "children of the runtime are not disturbed": async () => {
    const beside = Array.from({ length: 30 }, (_, i) => spawnBeside("/bin/sh", ["-c", `exit ${i}`]));
    const exits = beside.map((child) => once(child, "exit"));
    const programs = Array.from({ length: 30 }, (_, i) => script(`exit ${i + 100}`));
    const counts = programs.map((program) => program.countRest());
    assert.deepEqual(await Promise.all(exits), Array.from({ length: 30 }, (_, i) => [i, null]));
    const statuses = await Promise.all(programs.map((program) => exitOf(program.child)));
    assert.deepEqual(statuses.map(({ code }) => code), Array.from({ length: 30 }, (_, i) => i + 100));
    await Promise.all(counts);
  },

  "an exit is noticed though its signal was lost": async () => {
    const first = script("true");
    await first.rest();
    process.removeAllListeners("SIGCHLD");
    const program = script("echo printed; exit 3");
    assert.equal(await program.rest(), "printed\n");
    assert.deepEqual(await exitOf(program.child), { code: 3, signal: null });
  },
};

async function isStopped(pid: number): Promise<boolean> {
  return /State:\tT/.test(await readFile(`/proc/${pid}/status`, "latin1"));
}
