/** What is heard of the calls of programs, on this runtime; Deno has the same done on Bun. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants } from "node:os";
import { setImmediate } from "node:timers";
import type { ChildProcess } from "../../../src/host/child_process.ts";
import type { CallHandlers } from "../../../src/runtime/linux/notify/call_listener.ts";
import type { NotifiedCall } from "../../../src/runtime/linux/notify/notified_call.ts";
import { ConfinedSpawner } from "../../../src/runtime/linux/sandbox/confined_spawn.ts";
import { filterMechanism } from "../../../src/runtime/linux/sandbox/filter_mechanism.ts";
import { preparePipes } from "../../../src/runtime/posix/child_on_pipes.ts";
import { ChildReaper } from "../../../src/runtime/posix/child_reaper.ts";
import { openPoller } from "../../../src/runtime/posix/native.ts";
import { processListing } from "../../../src/runtime/posix/process_listing.ts";
import { openLibc } from "../../../src/runtime/posix/libc.ts";

const onBun = "Bun" in globalThis;
const libc = openLibc(
  (onBun
    ? await import("../../../src/runtime/bun/libc.ts")
    : await import("../../../src/runtime/deno/libc.ts"))
    .openLibrary,
);

const { EPERM, ECONNREFUSED } = constants.errno;
const ignore = !libc.platform.isLinux;

const native = { libc, poller: openPoller(libc) };
const shared = { ...native, reaper: new ChildReaper(libc), processes: processListing(libc.c) };
const spawner = new ConfinedSpawner(shared, filterMechanism, () => Promise.reject(new Error("no limits")));

/** Runs a script of a shell, whose calls wait for an answer. */
async function run(script: string, calls: CallHandlers, args: readonly string[] = []) {
  const child = {
    program: "/bin/sh",
    argv0: "sh",
    args: ["-c", script, "sh", ...args],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdin: "null",
  } as const;
  const started = await spawner.start(
    {
      plan: { grade: "none", root: "writable", mounts: [], hasNetwork: true, filter: undefined },
      child,
      calls,
    },
    () => preparePipes(shared, child),
  );
  const output = await textOf(started);
  return { output, status: await started.exit };
}

async function textOf({ outputs }: ChildProcess): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  await Promise.all(outputs.map(async ({ source }) => {
    for (let bytes = await source.read(65536); bytes; bytes = await source.read(65536)) {
      text += decoder.decode(bytes, { stream: true });
    }
  }));
  return text;
}

function pathOf(call: NotifiedCall): string {
  return new TextDecoder().decode(call.memory.text(call.address(0), 4096));
}

Deno.test({
  name: "every execve of a program and of what it starts waits, and goes on or fails as it is answered",
  ignore,
  async fn() {
    const paths: string[] = [];
    const { output, status } = await run("/bin/echo one; (/bin/rm x); echo $?; exec /bin/echo two", {
      execve(call) {
        assert.equal(call.isWaiting(), true);
        paths.push(pathOf(call));
        if (paths.at(-1) === "/bin/rm") call.fail(EPERM);
        else call.goOn();
        assert.equal(call.isWaiting(), false);
        assert.equal(call.goOn(), false);
      },
    });
    assert.deepEqual(paths, ["/bin/sh", "/bin/echo", "/bin/rm", "/bin/echo"]);
    assert.match(output, /^one\n.*rm: .*\n126\ntwo\n$/s);
    assert.deepEqual(status.code, 0);
  },
});

Deno.test({
  name: "what a call's arguments point at is read, also where it is long",
  ignore,
  async fn() {
    const long = "ä".repeat(30_000);
    let said: string[] = [];
    const { status } = await run('exec /bin/true "$@"', {
      execve(call) {
        said = [];
        for (let at = call.address(1);; at += 8) {
          const pointer = call.memory.word(at);
          if (pointer === 0) break;
          said.push(new TextDecoder().decode(call.memory.text(pointer, 100_000)));
        }
        assert.throws(() => call.memory.text(16, 10), { code: "EFAULT" });
        if (said.length > 2 && said[0] !== "sh") {
          assert.throws(() => call.memory.text(call.memory.word(call.address(1) + 8), 999), {
            code: "E2BIG",
          });
        }
        call.goOn();
      },
    }, [long, "", "end"]);
    assert.deepEqual(said, ["/bin/true", long, "", "end"]);
    assert.equal(status.code, 0);
  },
});

Deno.test({
  name: "two kinds of calls are heard of by one listener, and each by its own handler",
  ignore,
  async fn() {
    let execs = 0;
    const families: number[] = [];
    const script = "exec python3 -c 'import socket\n" +
      "for kind in (socket.AF_INET, socket.AF_UNIX):\n" +
      '  try: socket.socket(kind).connect(("127.0.0.1", 9) if kind == socket.AF_INET else "/nowhere")\n' +
      "  except OSError as error: print(error.errno)\n" +
      '  else: print("connected")\'';
    const { output } = await run(script, {
      execve(call) {
        execs++;
        call.goOn();
      },
      connect(call) {
        const family = new DataView(call.memory.bytes(call.address(1), 2).buffer).getUint16(0, true);
        families.push(family);
        if (family === 2) call.succeed();
        else call.fail(ECONNREFUSED);
      },
    });
    assert.equal(output, `connected\n${ECONNREFUSED}\n`);
    assert.ok(execs >= 2);
    // Before it comes to that, the C library may ask for names.
    assert.deepEqual(families.slice(-2), [2, 1]);
  },
});

Deno.test({
  name: "a process that waits is given a descriptor",
  ignore,
  async fn() {
    const { output } = await run("exec /bin/sh -c 'cat <&7'", {
      execve(call) {
        const ends = new Int32Array(2);
        assert.equal(libc.c.pipe(new Uint8Array(ends.buffer)), 0);
        libc.c.write(ends[1]!, new TextEncoder().encode("given\n"), 6);
        libc.c.close(ends[1]!);
        assert.equal(call.addDescriptor(ends[0]!, { number: 7, outlivesExec: true }), 7);
        libc.c.close(ends[0]!);
        call.goOn();
      },
    });
    assert.equal(output, "given\n");
  },
});

Deno.test({
  name: "a call that nobody answers holds up its process alone, and one that was killed is not waited for",
  ignore,
  async fn() {
    let held: NotifiedCall | undefined;
    let waiting: NotifiedCall | undefined;
    const script = "/bin/sleep 60 & child=$!; /bin/true; kill -9 $child; wait $child; echo $?";
    const { output } = await run(script, {
      execve(call) {
        const path = pathOf(call);
        if (path === "/bin/sleep") held = call;
        else if (path === "/bin/true") waiting = call;
        else call.goOn();
        if (held && waiting) waiting.goOn();
      },
    });
    assert.match(output, /137\n$/);
    assert.equal(held!.isWaiting(), false);
    assert.equal(held!.fail(EPERM), false);
  },
});

Deno.test({
  name: "a first call that fails is a failed start, and nothing is left",
  ignore,
  async fn() {
    await run("true", { execve: (call) => void call.goOn() });
    const before = openDescriptors();
    await assert.rejects(run("true", { execve: (call) => void call.fail(EPERM) }), { code: "EPERM" });
    await run("true", { execve: (call) => void call.goOn() });
    // The kernel tells that nobody is left under a filter, some time after the last one has ended.
    while (openDescriptors() > before) await new Promise((resolve) => setImmediate(resolve));
  },
});

function openDescriptors(): number {
  const size = /FDSize:\t(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))![1];
  let count = 0;
  for (let number = 0; number < Number(size); number++) if (libc.c.fcntl(number, 1, 0) >= 0) count++;
  return count;
}

if (!onBun) {
  Deno.test({
    name: "the same holds on Bun",
    ignore,
    fn() {
      const root = fileURLToPath(new URL("../../..", import.meta.url));
      execFileSync(
        join(root, "node_modules/bun/bin/bun.exe"),
        [join(root, "tests/support/run_on_bun.ts"), fileURLToPath(import.meta.url)],
        { stdio: "pipe" },
      );
    },
  });
}
