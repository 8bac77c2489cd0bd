import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { ExecServerClient } from "../../src/client/client.ts";
import type { ConnectionState } from "../../src/client/connection_state.ts";
import type { RemoteProcess } from "../../src/client/remote_process.ts";
import { CLIENT_QUEUE_LIMIT_BYTES } from "../../src/limits.ts";
import { ConnectionError } from "../../src/transport/transport.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { startParams, textOf } from "../support/client.ts";
import { type Answer, readResult, ScriptedServer } from "../support/scripted_server.ts";

const params = startParams("p", ["true"]);

/** Answers `process/read` once with something, and then with no more output. */
function readsOnce(answer: Answer & { result: { nextSeq: number } & Record<string, unknown> }) {
  return ({ params }: { params: { afterSeq: number } }) =>
    params.afterSeq >= answer.result.nextSeq - 1 || params.afterSeq > 2
      ? { result: { ...answer.result, chunks: [] } }
      : answer;
}

async function all(process: RemoteProcess): Promise<ProcessEvent[]> {
  const events: ProcessEvent[] = [];
  for await (const event of process) events.push(event);
  return events;
}

function brief(events: readonly ProcessEvent[]): string[] {
  return events.map((event) =>
    event.kind === "output"
      ? textOf(event.bytes).trim()
      : event.kind === "exited"
      ? `exited ${event.exitCode} at ${event.seq}`
      : event.kind === "failed"
      ? `failed: ${event.message}`
      : event.kind
  );
}

Deno.test("a lost connection is made again, and the process is caught up from its last event", async () => {
  const server = new ScriptedServer();
  const states: ConnectionState["kind"][] = [];
  await using client = await ExecServerClient.connect(server, {
    onConnection: ({ kind }) => void states.push(kind),
  });
  const process = await client.start(params);
  const events = all(process);
  server.connection.event("output", 1);
  server.connection.event("output", 2);
  await server.answers["environment/status"]!({ id: 0, method: "", params: null }, server.connection);
  server.answers["process/read"] = readsOnce(readResult([3, 4], { nextSeq: 5 }) as never);
  await client.call("environment/status", null);
  server.connection.lose();
  is((await server.request("initialize", 2)).params.resumeSessionId, "session-1");
  is((await server.request("process/read")).params.afterSeq, 2);
  await client.call("environment/status", null);
  server.connection.event("exited", 5, { exitCode: 3 });
  server.connection.event("closed", 6);
  same(brief(await events), ["1", "2", "3", "4", "exited 3 at 5", "closed"]);
  same(states, ["connected", "recovering", "connected"].slice(1));
});

Deno.test("the exit and the end that were missed are rebuilt", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const events = all(process);
  const end = { nextSeq: 5, exited: true, exitCode: 7, closed: true };
  // The exit was number 2: output came after it.
  server.answers["process/read"] = readsOnce(readResult([1, 3], end) as never);
  server.connection.lose();
  same(brief(await events), ["1", "exited 7 at 2", "3", "closed"]);
});

Deno.test("events that are pushed while catching up are merged, doubles dropped", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const events = all(process);
  let reads = 0;
  server.answers["process/read"] = (_request, connection) => {
    if (++reads > 1) return readResult([], { nextSeq: 4 });
    connection.event("output", 4);
    connection.event("output", 3);
    return readResult([1, 2, 3], { nextSeq: 4 });
  };
  server.connection.lose();
  await client.call("environment/status", null);
  server.connection.event("output", 4);
  server.connection.event("closed", 6);
  server.connection.event("exited", 5);
  same(brief(await events), ["1", "2", "3", "4", "exited 0 at 5", "closed"]);
});

Deno.test("output that is no longer retained fails that process, ends it, and no other", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const other = await client.start({ ...params, processId: "q" });
  const events = all(process);
  server.answers["process/read"] = ({ params }) =>
    params.processId === "q"
      ? readResult([], { nextSeq: 1 })
      : params.afterSeq === 0
      ? readResult([5, 6], { nextSeq: 7 })
      : readResult([], { nextSeq: 7 });
  server.connection.lose();
  const message = "process events are no longer retained while recovering through sequence 6";
  same(brief(await events), [`failed: ${message}`]);
  is(process.state.failureMessage, message);
  is((await server.request("process/terminate")).params.processId, "p");
  is(other.state.failureMessage, null);
});

Deno.test("a session that another connection holds is asked for again", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const initialize = server.answers["initialize"]!;
  let attempts = 0;
  server.answers["initialize"] = (request, connection) =>
    ++attempts < 3
      ? { error: { code: -32010, message: "session session-1 is already attached" } }
      : initialize(request, connection);
  server.connection.lose();
  same(await client.call("environment/status", null), { status: "ready" });
  is(attempts, 3);
});

Deno.test("a refused connection and an HTTP 503 are tried again, an HTTP 401 is final", async () => {
  const server = new ScriptedServer();
  const client = await ExecServerClient.connect(server);
  const refusals = [new ConnectionError("refused"), new ConnectionError("busy", { status: 503 })];
  server.refuse = () => refusals.shift();
  server.connection.lose();
  await client.call("environment/status", null);
  is(server.connections.length, 2);
  server.refuse = () => new ConnectionError("the server answered HTTP 401", { status: 401 });
  server.connection.lose();
  await rejects(client.call("environment/status", null), {
    name: "ConnectionError",
    message:
      "exec-server transport disconnected; failed to resume exec-server session: the server answered HTTP 401",
  });
});

for (
  const [name, answer] of [
    ["an unknown session", { error: { code: -32600, message: "unknown session id session-1" } }],
    ["another session", { result: { sessionId: "session-2", environmentInfo: {} } }],
  ] as const
) {
  Deno.test(`${name} fails everything, once`, async () => {
    const server = new ScriptedServer();
    const states: ConnectionState[] = [];
    const client = await ExecServerClient.connect(server, {
      onConnection: (state) => void states.push(state),
    });
    const info = client.environmentInfo;
    const process = await client.start(params);
    const events = all(process);
    const pending = rejects(client.call("process/read", { processId: "p", waitMs: 60_000 }), ConnectionError);
    server.answers["initialize"] = () =>
      "result" in answer ? { result: { ...answer.result, environmentInfo: info } } : answer;
    server.connection.lose();
    const failed = brief(await events);
    is(failed.length, 1);
    match(failed[0]!, /^failed: exec-server transport disconnected; failed to resume exec-server session: /);
    await pending;
    await rejects(client.call("environment/status", null), ConnectionError);
    await rejects(client.start(params), ConnectionError);
    same(states.map(({ kind }) => kind), ["recovering", "disconnected"]);
    same(brief(await all(process)), failed);
  });
}

Deno.test("when time is up, everything fails", async () => {
  const server = new ScriptedServer();
  const client = await ExecServerClient.connect(server, { recoveryMs: 300 });
  const process = await client.start(params);
  server.refuse = () => new ConnectionError("refused");
  server.connection.lose();
  const pending = client.call("environment/status", null);
  match(brief(await all(process))[0]!, /^failed: .*: refused$/);
  await rejects(pending, ConnectionError);
});

Deno.test("calls that may be repeated are sent again in call order, before those that waited", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const write = (n: number) =>
    client.call("process/write", { processId: "p", chunk: btoa(String(n)), writeId: String(n) });
  const first = [write(1), write(2)];
  server.connection.lose();
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  const later = write(3);
  server.answers["process/write"] = () => ({ result: { status: "accepted" } });
  await Promise.all([...first, later]);
  same(server.connection.received.slice(-3).map(({ params }) => params.writeId), ["1", "2", "3"]);
});

Deno.test("a call that must not be repeated fails, and the client goes on", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const signal = client.call("process/signal", { processId: "p", signal: "interrupt" });
  server.connection.lose();
  await rejects(signal, { name: "InterruptedCallError", method: "process/signal" });
  await client.call("environment/status", null);
  is(server.connection.received.some(({ method }) => method === "process/signal"), false);
});

Deno.test("a start that was lost on its way is sent once more", async () => {
  const server = new ScriptedServer();
  server.capabilities.processList = true;
  await using client = await ExecServerClient.connect(server);
  const answer = server.answers["process/start"]!;
  delete server.answers["process/start"];
  const started = client.start(params);
  await server.request("process/start");
  server.answers["process/start"] = answer;
  server.answers["process/list"] = () => ({ result: { processes: [] } });
  server.connection.lose();
  is((await started).id, "p");
  await server.request("process/start", 2);
});

Deno.test("a start whose answer was lost is not sent again", async () => {
  const server = new ScriptedServer();
  server.capabilities.processList = true;
  await using client = await ExecServerClient.connect(server);
  delete server.answers["process/start"];
  const started = client.start(params);
  await server.request("process/start");
  const entry = {
    processId: "p",
    pid: 1,
    tty: false,
    startedAtMs: 0,
    nextSeq: 2,
    exited: false,
    exitCode: null,
    closed: false,
  };
  server.answers["process/list"] = () => ({ result: { processes: [entry] } });
  server.answers["process/read"] = ({ params }) =>
    readResult(params.afterSeq === 0 ? [1] : [], { nextSeq: 2 });
  server.connection.lose();
  const process = await started;
  is(process.lastSeq, 1);
  is(server.connection.received.some(({ method }) => method === "process/start"), false);
});

Deno.test("a start that cannot be looked up fails, and what it may have started is ended", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  delete server.answers["process/start"];
  const started = client.start(params);
  await server.request("process/start");
  server.connection.lose();
  await rejects(started, { name: "InterruptedCallError", method: "process/start" });
  is((await server.request("process/terminate")).params.processId, "p");
});

Deno.test("a server that sends nonsense is left and returned to", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  for (
    const nonsense of [
      "not JSON",
      "[]",
      { method: "process/output", params: { processId: "p", stream: "stdout", chunk: "" } },
      { method: "process/output", params: { processId: "p", seq: 1, stream: "other", chunk: "" } },
      { method: "process/output", params: { processId: "p", seq: 1, stream: "stdout", chunk: "?" } },
      { method: "process/exited", params: { processId: "p", seq: 1, exitCode: null } },
    ]
  ) {
    const before = server.connections.length;
    server.connection.push(nonsense);
    await server.request("initialize", before + 1);
    await client.call("environment/status", null);
  }
});

Deno.test("what a server may send, a client takes", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  server.connection.push({ method: "unknown/thing", params: {} });
  server.connection.push({ id: 4711, result: {} });
  server.connection.event("output", 1, { processId: "nobody" });
  server.connection.push({ jsonrpc: "2.0", method: "unknown/other" });
  await client.call("environment/status", null);
  is(server.connections.length, 1);
});

Deno.test("a silent connection is asked for a sign of life, and left when none comes", async () => {
  const server = new ScriptedServer();
  // A real connection keeps the program alive, which this one does not.
  const alive = setInterval(() => {}, 1_000);
  const heartbeat = { silenceMs: 20, answerMs: 20 };
  await using client = await ExecServerClient.connect(server, { heartbeat });
  await client.start(params);
  await server.request("environment/status", 2);
  is(server.connections.length, 1);
  const status = server.answers["environment/status"]!;
  delete server.answers["environment/status"];
  server.answers["process/read"] = () => readResult([], { nextSeq: 1 });
  await server.request("initialize", 2);
  server.answers["environment/status"] = status;
  ok(server.connections[0]!.closed);
  clearInterval(alive);
});

Deno.test("an idle connection is not asked", async () => {
  const server = new ScriptedServer();
  await using _client = await ExecServerClient.connect(server, { heartbeat: { silenceMs: 5, answerMs: 5 } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  is(server.connection.received.length, 1);
});

Deno.test("a closed client fails what waits and makes no more connections", async () => {
  const server = new ScriptedServer();
  const client = await ExecServerClient.connect(server);
  const process = await client.start(params);
  const pending = client.call("process/read", { processId: "p", waitMs: 60_000 });
  client.close();
  await rejects(pending, { message: "The client is closed" });
  same(brief(await all(process)), ["failed: The client is closed"]);
  is(server.connections.length, 1);
  ok(server.connection.closed);
});

Deno.test("a call can be given a deadline, and be given up", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  delete server.answers["environment/status"];
  await rejects(client.call("environment/status", null, { timeoutMs: 10 }), { name: "TimeoutError" });
  const abort = new AbortController();
  const call = client.call("environment/status", null, { signal: abort.signal });
  abort.abort(new Error("enough"));
  await rejects(call, { message: "enough" });
});

Deno.test("a session on a transport that cannot be made again ends with it", async () => {
  const server = new ScriptedServer();
  const client = await ExecServerClient.open(await server.connect());
  const process = await client.start(params);
  server.connection.lose("the pipe broke");
  same(brief(await all(process)), ["failed: exec-server transport disconnected; the pipe broke"]);
  await rejects(client.call("environment/status", null), ConnectionError);
});

/** Does something so many turns later. */
function after(turns: number, action: () => void): void {
  if (turns === 0) action();
  else queueMicrotask(() => after(turns - 1, action));
}

/** A client that comes back to its server; something happens so many turns after the server's last answer. */
async function comeBack(
  turns: number,
  meanwhile: (client: ExecServerClient, server: ScriptedServer) => void,
) {
  const server = new ScriptedServer();
  const states: ConnectionState["kind"][] = [];
  const client = await ExecServerClient.connect(server, {
    onConnection: ({ kind }) => void states.push(kind),
  });
  await client.start(params);
  let reads = 0;
  server.answers["process/read"] = () => {
    if (++reads === 1) after(turns, () => meanwhile(client, server));
    return readResult([], { nextSeq: 1 });
  };
  server.connection.lose();
  await server.request("process/read");
  await new Promise((resolve) => setTimeout(resolve));
  return { client, server, states };
}

Deno.test("a client that is closed at any moment of coming back stays closed", async () => {
  for (let turns = 0; turns < 20; turns++) {
    const { client, server, states } = await comeBack(turns, (client) => client.close());
    await rejects(client.call("environment/status", null), { message: "The client is closed" });
    is(states.at(-1), "disconnected");
    ok(server.connections.every(({ closed }) => closed));
    is(server.connections.length, 2);
  }
});

Deno.test("a connection that is lost at any moment of coming back is made again", async () => {
  for (let turns = 0; turns < 20; turns++) {
    const { client, server, states } = await comeBack(turns, (_, server) => server.connection.lose());
    same(await client.call("environment/status", null), { status: "ready" });
    is(states.at(-1), "connected");
    is(server.connection.closed, false);
    client.close();
  }
});

Deno.test("a connection is read while missed output is fetched, whatever waits for its reader", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  await client.start(params);
  const { changed } = client.addBacklog({ backlogBytes: CLIENT_QUEUE_LIMIT_BYTES });
  changed();
  is(server.connection.reading, false);
  server.connection.lose();
  const { id } = await server.request("process/read");
  changed();
  is(server.connection.reading, true);
  const back = new Promise<void>((resolve) => client.listenConnection(() => resolve()));
  server.connection.push({ id, ...readResult([], { nextSeq: 1 }) });
  await back;
  await Promise.resolve();
  is(server.connection.reading, false);
});

Deno.test("that a sandbox stopped a process is told, also when its exit was missed", async () => {
  const server = new ScriptedServer();
  await using client = await ExecServerClient.connect(server);
  const told = await client.start(params);
  const missed = await client.start({ ...params, processId: "q" });
  server.connection.event("exited", 1, { sandboxDenied: true });
  server.connection.event("closed", 2);
  is((await all(told)).find((event) => event.kind === "exited")?.sandboxDenied, true);
  server.answers["process/read"] = () =>
    readResult([], { nextSeq: 3, exited: true, exitCode: 1, closed: true, sandboxDenied: true });
  server.connection.lose();
  is((await all(missed)).find((event) => event.kind === "exited")?.sandboxDenied, true);
});
