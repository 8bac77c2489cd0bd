import { deadline } from "@std/async/deadline";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import type { SignalName } from "../../src/protocol/schemas/process.ts";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";
import { bytesWritten, isAlive, pidsWith, stateOf, until, untilSteady } from "../support/proc.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

let server: ServerProcess;
let client: ExecServerClient;
let number = 0;

Deno.test.beforeAll(async () => {
  server = await startServer();
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
});

/** A process that tells on its stdout some of the pids it is made of, in one line, when it is ready. */
interface Family extends AsyncDisposable {
  readonly processId: string;
  readonly pids: number[];
  /** Everybody alive that descends from it, known by a variable that is handed down. */
  members(): number[];
  terminate(): Promise<{ running: boolean }>;
  signal(signal: SignalName): Promise<unknown>;
  /** Its exit code; waits for the exit. */
  exitCode(): Promise<number>;
  /** Waits until it is closed. Returns everything it did. */
  closed(): Promise<ProcessEvent[]>;
}

async function start(argv: string[]): Promise<Family> {
  const processId = asProcessId(`family-${++number}`);
  const mark = `FAMILY=${crypto.randomUUID()}`;
  const env = { PATH: "/usr/bin:/bin", FAMILY: mark.slice("FAMILY=".length) };
  const events: ProcessEvent[] = [];
  let changed = Promise.withResolvers<void>();
  const channel = await client.start(startParams(processId, argv, { env }));
  const ended = (async () => {
    for await (const event of channel) {
      events.push(event);
      changed.resolve();
      changed = Promise.withResolvers();
    }
  })();
  const line = () => textOf(bytesOf(events, "stdout").subarray(0, 1000)).split("\n");
  while (line().length < 2) await changed.promise;
  return {
    processId,
    pids: line()[0]!.split(/\s+/).filter((word) => /^\d+$/.test(word)).map(Number),
    members: () => pidsWith(mark),
    terminate: () => client.call("process/terminate", { processId }),
    signal: (signal) => client.call("process/signal", { processId, signal }),
    async exitCode() {
      // Its exit may be told before the output that came before it.
      for (;;) {
        const exited = events.find((event) => event.kind === "exited");
        if (exited) return exited.exitCode;
        await changed.promise;
      }
    },
    async closed() {
      await ended;
      assert.equal(events.at(-1)?.kind, "closed");
      return events;
    },
    async [Symbol.asyncDispose]() {
      await client.call("process/terminate", { processId });
      for (const pid of pidsWith(mark)) Deno.kill(pid, "SIGKILL");
    },
  };
}

async function assertDead(pids: readonly number[]): Promise<void> {
  await until(`all of ${pids} are dead`, () => pids.every((pid) => !isAlive(pid)));
}

const sh = (script: string) => ["sh", "-c", script];
const bash = (script: string) => ["bash", "-c", script];

for (
  const [what, argv, count] of [
    [
      "a child that ignores signals",
      sh("trap '' TERM INT HUP QUIT; echo $$; while :; do sleep 100; done"),
      2,
    ],
    ["a child with children", bash("sleep 100 & sleep 100 & echo; wait"), 3],
    ["a double fork", sh("(sleep 100 &); echo; exec sleep 100"), 2],
    ["a double fork whose parent has gone", bash("( (sleep 100 & sleep 100 &) & ); echo; exec sleep 100"), 3],
    ["a grandchild that holds stdout", bash("(trap '' TERM HUP; sleep 100) & echo; wait"), 2],
    ["a shell's background jobs", bash("for i in 1 2 3; do sleep 100 & done; echo; wait"), 4],
    // As an option, -m is taken back where there is no terminal.
    ["the jobs of job control", bash("set -m; sleep 100 & sleep 100 | sleep 100 & echo; wait"), 4],
    ["an interactive shell's jobs", ["bash", "--norc", "-ic", "sleep 100 & sleep 100 & echo; wait"], 3],
    ["a stopped child", bash("sleep 100 & kill -STOP $!; echo; kill -STOP $$"), 2],
    ["a pipeline", bash("sleep 100 | sleep 100 | sleep 100 & echo; wait"), 4],
  ] as const
) {
  Deno.test(`terminate ends ${what}, to the last pid`, async () => {
    await using family = await start([...argv]);
    await until(`there are ${count}`, () => family.members().length >= count);
    const members = family.members();
    assert.deepEqual(await family.terminate(), { running: true });
    await family.closed();
    assert.equal(await family.exitCode(), 137);
    await assertDead(members);
    assert.deepEqual(family.members(), []);
  });
}

Deno.test("terminate ends a family that keeps forking", async () => {
  // Each generation hands over to the next and goes; at most 50 of them, so that nothing is left behind for ever.
  const script =
    "next() { [ $1 -gt 0 ] && { sleep 0.02; next $(($1 - 1)) & }; sleep 3; }; next 50 & next 50 & echo; wait";
  await using family = await start(bash(script));
  await until("it forks", () => family.members().length > 10);
  await family.terminate();
  await family.closed();
  await until("nobody is left", () => family.members().length === 0, 2_000);
});

Deno.test("terminate closes at once though one that left the session keeps stdout, and leaves that one alive", async () => {
  await using family = await start(bash("setsid sleep 100 & echo $$ $!; wait"));
  const [leader, escapee] = family.pids as [number, number];
  await until(
    "it has left",
    () => Deno.readTextFileSync(`/proc/${escapee}/stat`).split(") ")[1]!.split(" ")[3] !== `${leader}`,
  );
  await family.terminate();
  await family.closed();
  assert.equal(await family.exitCode(), 137);
  await assertDead([leader]);
  assert.ok(isAlive(escapee));
});

Deno.test("terminate closes at once though one that left the session floods stdout", async () => {
  await using family = await start(bash("setsid sh -c 'echo $$; exec yes' & wait"));
  assert.deepEqual(await family.terminate(), { running: true });
  await family.closed();
  await assertDead(family.pids); // Nobody reads what it writes any more.
});

Deno.test("terminate closes soon though one that left the session goes on writing a little", async () => {
  const script = "setsid sh -c 'echo $$; while sleep 0.01; do echo .; done' & wait";
  await using family = await start(bash(script));
  assert.deepEqual(await family.terminate(), { running: true });
  await deadline(family.closed(), 20_000);
  await assertDead(family.pids); // Nobody reads what it writes any more.
});

Deno.test("terminate closes a terminal, and the server ends, though one that left the session writes on", async () => {
  await using own = await startServer();
  using wire = await Wire.open(own.url);
  await wire.initialize();
  const argv = bash(
    "setsid sh -c 'echo $$; trap \"\" HUP; while sleep 0.01; do echo . || exit; done' & wait",
  );
  for (const processId of ["first", "second"]) {
    await wire.request("process/start", startParams(processId, argv, { tty: true }));
    await wire.next(({ method, params }) => method === "process/output" && params.processId === processId);
  }
  await wire.request("process/terminate", { processId: "first" });
  const closed = wire.next(({ method, params }) =>
    method === "process/closed" && params.processId === "first"
  );
  await deadline(closed, 20_000);
  assert.equal((await deadline(own.stop(), 20_000)).code, 0);
});

Deno.test("what was written before a terminate arrives, though the server is held up again and again", async () => {
  const expected = Buffer.from(Array.from({ length: 4_000_000 }, (_, i) => `${i + 1}\n`).join(""));
  for (let round = 0; round < 6; round++) {
    using wire = await Wire.open(server.url);
    await wire.initialize();
    const parts: Uint8Array[] = [];
    const ended = Promise.withResolvers<void>();
    wire.onNotification = ({ method, params }) => {
      if (method === "process/output") parts.push(Buffer.from(params.chunk, "base64"));
      if (method === "process/closed") ended.resolve();
    };
    await wire.request("process/start", startParams("cut", ["seq", "1", "4000000"]));
    const { processes: [{ pid }] } = await wire.request("process/list");
    await until("it floods", () => parts.length > 0);
    wire.pause();
    const written = await untilSteady(() => bytesWritten(pid));
    const terminated = wire.request("process/terminate", { processId: "cut" });
    wire.resume();
    let over = false;
    wire.closed.then(() => over = true);
    ended.promise.then(() => over = true);
    while (!over) {
      Deno.kill(server.pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 100));
      Deno.kill(server.pid, "SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    }
    assert.deepEqual(await terminated, { running: true });
    const bytes = Buffer.concat(parts);
    assert.ok(bytes.length >= written!, `${bytes.length} of ${written} bytes arrived`);
    assert.ok(bytes.equals(expected.subarray(0, bytes.length)));
  }
});

Deno.test("terminate ends the jobs of job control though the server has no descriptor left", async () => {
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  await using small = await startServer({
    command: ["sh", "-c", 'ulimit -n 64 && exec "$@"', "sh", ...serve],
  });
  using wire = await Wire.open(small.url);
  await wire.initialize();
  await wire.request("process/start", startParams("jobs", bash("set -m; sleep 100 & echo $!; wait")));
  const { params } = await wire.next(({ method }) => method === "process/output");
  const job = Number(atob(params.chunk));
  assert.ok(isAlive(job));
  // As many as there can be; then connections, which take one descriptor each.
  for (const pipeStdin of [true, false]) {
    for (let i = 0;; i++) {
      const sleep = startParams(`${pipeStdin} ${i}`, ["sleep", "100"], { pipeStdin });
      if (await wire.request("process/start", sleep).then(() => false, () => true)) break;
    }
  }
  const idle: Wire[] = [];
  for (let opened: Wire | undefined; (opened = await openWithin(small.url, 500)) !== undefined;) {
    idle.push(opened);
  }
  assert.deepEqual(await wire.request("process/terminate", { processId: "jobs" }), { running: true });
  await assertDead([job]);
  for (const connection of idle) connection.cut();
});

/** A connection; undefined where the server does not take it. */
async function openWithin(url: string, milliseconds: number): Promise<Wire | undefined> {
  return await deadline(Wire.open(url), milliseconds).catch(() => undefined);
}

Deno.test("terminate ends what an exited child left behind", async () => {
  await using family = await start(bash("sleep 100 & echo $!"));
  assert.equal(await family.exitCode(), 0);
  assert.ok(family.pids.every(isAlive));
  assert.deepEqual(await family.terminate(), { running: false });
  await family.closed();
  await assertDead(family.pids);
});

Deno.test("terminate leaves alone what a closed process left behind with streams of its own", async () => {
  await using family = await start(bash("set -m; sleep 100 </dev/null >/dev/null 2>&1 & echo $!"));
  await family.closed();
  assert.deepEqual(await family.terminate(), { running: false });
  // A server that did kill it would have done so before the next thing that it kills.
  await using other = await start(sh("echo $$; exec sleep 100"));
  await other.terminate();
  await assertDead(other.pids);
  assert.ok(family.pids.length === 1 && family.pids.every(isAlive));
});

Deno.test("a process stays open while a grandchild holds stdout, and closes with it", async () => {
  await using family = await start(bash("sleep 100 & echo $!"));
  assert.equal(await family.exitCode(), 0);
  const { processes } = await client.call("process/list", undefined);
  assert.equal(processes.find(({ processId }) => processId === family.processId)?.closed, false);
  Deno.kill(family.pids[0]!, "SIGKILL");
  await family.closed();
});

Deno.test("output that was written before the kill is not lost", async () => {
  const argv = sh("head -c 60000 /dev/zero; kill -KILL $$");
  const { stdout, exitCode } = await collect(await client.start(startParams(`killed-${++number}`, argv)));
  assert.deepEqual([stdout.length, exitCode], [60_000, 137]);
});

Deno.test("terminate twice is harmless, and one process's end does not touch another", async () => {
  await using bystander = await start(sh("echo $$; exec sleep 100"));
  await using family = await start(bash("trap '' TERM; sleep 100 & echo $$ $!; wait"));
  await Promise.all([family.terminate(), family.terminate(), family.terminate()]);
  await family.closed();
  await assertDead(family.pids);
  assert.ok(bystander.pids.every(isAlive));
});

for (
  const [signal, name, code] of [
    ["interrupt", "INT", 130],
    ["hangup", "HUP", 129],
    ["quit", "QUIT", 131],
    ["terminate", "TERM", 143],
    ["kill", "KILL", 137],
    ["user1", "USR1", 138],
    ["user2", "USR2", 140],
  ] as const
) {
  Deno.test(`the signal ${signal} reaches the whole group, and is exit code ${code}`, async () => {
    await using family = await start(bash("sleep 100 & echo $$ $!; exec sleep 100"));
    await until(
      "it is what it becomes",
      () => Deno.readTextFileSync(`/proc/${family.pids[0]}/comm`) === "sleep\n",
    );
    // A shell's background job does not mind an interrupt; whoever is not asked otherwise does.
    const pids = signal === "interrupt" || signal === "quit" ? family.pids.slice(0, 1) : family.pids;
    assert.deepEqual(await family.signal(signal), {});
    await assertDead(pids);
    assert.equal(await family.exitCode(), code, `SIG${name}`);
  });
}

Deno.test("a signal can be caught", async () => {
  await using family = await start(
    sh("trap 'echo caught; exit 7' INT; echo $$; while :; do sleep 0.01; done"),
  );
  await family.signal("interrupt");
  const events = await family.closed();
  assert.equal(await family.exitCode(), 7);
  assert.match(textOf(bytesOf(events, "stdout")), /\ncaught\n$/);
});

Deno.test("stop and continue stop and continue", async () => {
  await using family = await start(sh("echo $$; exec sleep 100"));
  const pid = family.pids[0]!;
  await family.signal("stop");
  await until("it is stopped", () => stateOf(pid) === "T");
  await family.signal("continue");
  await until("it goes on", () => stateOf(pid) === "S");
});

Deno.test("a child that ends while it is being terminated has one exit and one close", async () => {
  for (let i = 0; i < 30; i++) {
    const processId = asProcessId(`racing-${i}`);
    const channel = await client.start(startParams(processId, ["true"]));
    const [{ events, exitCode }] = await Promise.all([
      collect(channel),
      client.call("process/terminate", { processId }),
    ]);
    assert.deepEqual(events.map(({ kind }) => kind), ["exited", "closed"]);
    assert.ok([0, 137].includes(exitCode), `${exitCode}`);
  }
});
