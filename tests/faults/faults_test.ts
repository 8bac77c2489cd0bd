import { delay } from "@std/async/delay";
import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import { UnifiedExecProcess } from "../../src/collect/unified_process.ts";
import { ConnectionError } from "../../src/transport/transport.ts";
import { FIRST_PONG_MS } from "../../src/limits.ts";
import { finish, OutputText, runScript, startScript } from "../support/backend_process.ts";
import { nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { until, untilSteady } from "../support/proc.ts";
import { startServer } from "../support/server_process.ts";
import { backendBehindProxy } from "./backend_behind_proxy.ts";

for (const kind of ["close", "reset"] as const) {
  Deno.test(`a connection that ends by ${kind} is not noticed by who follows a process`, async () => {
    await using setup = await backendBehindProxy();
    const { proxy, backend, states } = setup;
    const process = await startScript(backend, "echo a; read line; echo $line; exit 3", { pipeStdin: true });
    using output = new OutputText(process);
    await output.until(/^a\n/);
    proxy.cut(kind);
    is(await process.write("after\n"), "accepted");
    await output.until(/^a\nafter\n$/);
    is((await finish(process)).exitCode, 3);
    same(states, ["recovering", "connected"]);
  });
}

Deno.test("a process that ends while its client is away is told with everything it did", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend, server } = setup;
  const process = await startScript(backend, "read line; echo gone; exit 6", { pipeStdin: true });
  const finished = finish(process);
  await process.write("\n");
  proxy.refusing = true;
  proxy.cut();
  // It ends while nobody is connected: a second client, past the proxy, sees how far time has come.
  await using other = await openClient(server.url);
  is((await runScript(new RemoteBackend(other), "sleep 0.3; echo later")).text, "later\n");
  proxy.refusing = false;
  const { exitCode, stdout, events } = await finished;
  same([exitCode, textOf(stdout)], [6, "gone\n"]);
  same(events.map((event) => "seq" in event && event.seq), [1, 2, 3]);
});

Deno.test("a reader that rests while its connection is lost again and again gets every byte", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, client } = setup;
  const process = await client.start(startParams("p", ["seq", "5000000"]));
  const output = process.events({ lossless: true });
  const first = await nextEvent(output, "output");
  // Until its window is full: from then on the client confirms nothing.
  await untilSteady(() => process.log.offset);
  for (let cuts = 0; cuts < 3; cuts++) {
    proxy.cut();
    await until("it is back", () => proxy.accepted === cuts + 2);
    // For longer than a client without pings would be waited for, and then over a line on which nothing arrives.
    await delay(FIRST_PONG_MS + 1_000);
    proxy.stall();
    await delay(1_000);
    proxy.cut();
    proxy.resume();
  }
  let bytes = first.bytes.length;
  for await (const event of output) {
    if (event.kind === "output") bytes += event.bytes.length;
    else if (event.kind === "gap" || event.kind === "failed") throw new Error(JSON.stringify(event));
  }
  is(bytes, 38_888_896);
});

Deno.test("a half-open connection is found, and the session is had back from its other end", async () => {
  await using setup = await backendBehindProxy({ heartbeat: { silenceMs: 200, answerMs: 300 } });
  const { proxy, backend, states, server } = setup;
  const process = await startScript(backend, "exec cat", { pipeStdin: true });
  using output = new OutputText(process);
  await process.write("before\n");
  await output.until(/before/);
  proxy.halfOpen();
  is(await process.write("after\n"), "accepted");
  await output.until(/^before\nafter\n$/);
  same(states, ["recovering", "connected"]);
  match(server.stderr(), /gives no sign of life while its session is asked for/);
  await process.terminate();
});

Deno.test("who holds a session and lives is not disturbed by somebody who asks for it", async () => {
  await using setup = await backendBehindProxy();
  const { client, backend, states, server } = setup;
  const thief = new WebSocket(server.url);
  const refusals: number[] = [];
  await new Promise<void>((resolve, reject) => {
    const params = { clientName: "thief", resumeSessionId: client.sessionId };
    const ask = () => thief.send(JSON.stringify({ id: 1, method: "initialize", params }));
    let timer: ReturnType<typeof setTimeout>;
    thief.onopen = ask;
    thief.onerror = reject;
    thief.onmessage = ({ data }) => {
      refusals.push(JSON.parse(data).error?.code);
      if (refusals.length < 20) timer = setTimeout(ask, 200);
      else thief.close();
    };
    thief.onclose = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  ok(refusals.length === 20 && refusals.every((code) => code === -32010), String(refusals));
  is((await runScript(backend, "echo fine")).text, "fine\n");
  same(states, []);
});

Deno.test("a stalled connection that comes back loses nothing", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend, states } = setup;
  const process = await startScript(backend, "seq 1 500000 | head -c 3000000");
  proxy.stall();
  const finished = finish(process);
  await new Promise((resolve) => setTimeout(resolve, 300));
  proxy.resume();
  is((await finished).stdout.length, 3_000_000);
  same(states, []);
});

Deno.test("a slow connection changes nothing but the time", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend } = setup;
  proxy.delayMs = 30;
  const process = await startScript(backend, "exec cat", { pipeStdin: true });
  using output = new OutputText(process);
  await Promise.all(Array.from({ length: 10 }, (_, i) => process.write(`${i}\n`)));
  await output.until(/9\n$/);
  is(output.text, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  is((await runScript(backend, "head -c 1000000 /dev/zero")).stdout.length, 1_000_000);
});

Deno.test("a start that never reached the server is sent again, and runs once", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend } = setup;
  const directory = await Deno.makeTempDir();
  try {
    proxy.swallows = () => true;
    const started = startScript(backend, "echo $$ >> runs; cat runs", { cwd: directory });
    await new Promise((resolve) => setTimeout(resolve, 50));
    proxy.swallows = () => false;
    proxy.cut("reset");
    match(textOf((await finish(await started)).stdout), /^\d+\n$/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a start whose answer was lost runs once", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend } = setup;
  const directory = await Deno.makeTempDir();
  try {
    proxy.delayMs = 500; // The answer is on its way when the connection ends.
    const started = startScript(backend, "echo $$ >> runs; cat runs", { cwd: directory });
    await until("the command has run", () => /^\d+\n$/.test(textOfFile(`${directory}/runs`)));
    proxy.cut();
    proxy.delayMs = 0;
    match(textOf((await finish(await started)).stdout), /^\d+\n$/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a server that does not come back fails everything with one error", async () => {
  await using setup = await backendBehindProxy({ recoveryMs: 500 });
  const { proxy, client, backend, states } = setup;
  const process = await startScript(backend, "exec sleep 60");
  const events = process.events({ lossless: true });
  proxy.refusing = true;
  proxy.cut();
  const pending = process.write("x");
  const { value } = await events.next();
  ok(value?.kind === "failed");
  match(value.message, /^exec-server transport disconnected; failed to resume exec-server session: /);
  is((await events.next()).done, true);
  await rejects(pending, ConnectionError);
  await rejects(startScript(backend, "true"), ConnectionError);
  await rejects(client.call("environment/status", null), { message: value.message });
  same(process.state, { hasExited: false, exitCode: null, failureMessage: value.message });
  same(states, ["recovering", "disconnected"]);
});

Deno.test("a wait for a process whose server is lost says that it failed", async () => {
  await using setup = await backendBehindProxy({ recoveryMs: 200 });
  const { proxy, backend } = setup;
  const process = new UnifiedExecProcess(await startScript(backend, "exec sleep 60"));
  const waiting = process.waitUntil({ deadlineMs: 60_000 });
  proxy.refusing = true;
  proxy.cut();
  is(await waiting, "failed");
  match(process.state.failureMessage!, /^exec-server transport disconnected/);
  is(await process.waitUntil(), "failed");
});

Deno.test("a server that was started anew does not know the session", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, server, backend } = setup;
  const process = await startScript(backend, "exec sleep 60");
  const events = process.events();
  await using other = await startServer({ args: ["--log-level", "off"] });
  proxy.target = other.url;
  await server.stop();
  const { value } = await events.next();
  ok(value?.kind === "failed" && /unknown session id/.test(value.message), JSON.stringify(value));
});

Deno.test("a process that prints more often than its client can ask is not given up after a cut", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend, states } = setup;
  proxy.delayMs = 50;
  const process = await startScript(
    backend,
    "i=0; while [ $i -lt 150 ]; do i=$((i + 1)); echo $i; sleep 0.02; done; exit 5",
  );
  using output = new OutputText(process);
  await output.until(/^20$/m);
  proxy.cut();
  await output.until(/^150$/m);
  is(output.text, Array.from({ length: 150 }, (_, i) => `${i + 1}\n`).join(""));
  is((await finish(process)).exitCode, 5);
  same(states, ["recovering", "connected"]);
});

Deno.test("a new connection that dies while the client catches up is left for the next", async () => {
  await using setup = await backendBehindProxy({ heartbeat: { silenceMs: 200, answerMs: 300 } });
  const { proxy, backend, states } = setup;
  const process = await startScript(backend, "read line; echo $line; exit 4", { pipeStdin: true });
  proxy.swallows = () => proxy.accepted === 2 && ++chunks > 2;
  let chunks = 0;
  proxy.cut();
  // What is left of the second connection is its upgrade and `initialize`.
  is(await process.write("after\n"), "accepted");
  const { exitCode, stdout } = await finish(process);
  same([exitCode, textOf(stdout)], [4, "after\n"]);
  ok(proxy.accepted > 2, `${proxy.accepted} connections`);
  same(states, ["recovering", "connected"]);
});

function textOfFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
