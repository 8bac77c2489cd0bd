/** The replayer must see it when a server is wrong. This one answers every request with its own parameters. */
import assert from "node:assert/strict";
import { replayVector } from "./replay.ts";
import type { Step } from "./vector.ts";

function answer(request: Request): Response {
  if (request.headers.has("Origin")) return new Response("no", { status: 403 });
  if (!request.headers.has("Upgrade")) return new Response("plain");
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => {
    if (data === "close") return socket.close();
    const { id, params } = JSON.parse(data);
    const reply = (result: unknown) => socket.send(JSON.stringify({ id, result }));
    if (id === "init") return reply({ sessionId: "s" });
    if (id === undefined) return;
    for (const event of params?.events ?? []) socket.send(JSON.stringify(event));
    reply(params);
  };
  return response;
}

/** What the replayer says of the steps, on a connection that is open. */
async function replay(...steps: Step[]): Promise<string | undefined> {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const target = { url: `ws://127.0.0.1:${server.addr.port}`, variables: {}, wording: "exact" } as const;
  return await replayVector({ name: "example", area: "example", level: "core", steps }, target);
}

const send: Step = { send: { id: 1, params: { a: 1, session: "${mainSession}" } } };

Deno.test("a right answer passes", async () => {
  const expect = { id: 1, result: { a: 1, session: "s" } };
  assert.equal(await replay(send, { expect }), undefined);
  assert.equal(await replay(send, { expect, strict: true, elapsed: { lte: 60_000 } }), undefined);
});

const event = (method: string, seq: number, more = {}) => ({
  method,
  params: { processId: "p", seq, ...more },
});
const life = [
  event("process/closed", 4),
  event("process/output", 1, { stream: "stdout", chunk: "YQ==" }),
  event("process/output", 2, { stream: "stdout", chunk: "Yg==" }),
  event("process/exited", 3, { exitCode: 7, sandboxDenied: false }),
];
const collect = (expect: Record<string, unknown>): Step => ({
  collect: { processId: "p", expect },
  within: 200,
});
const play = (events: unknown[]): Step => ({ send: { id: 2, params: { events } } });

Deno.test("a process's notifications are summarized in the order of their numbers", async () => {
  const streams = { stdout: "ab" };
  const expect = { exitCode: 7, sandboxDenied: false, streams, contiguous: true, maxChunk: 1, count: 4 };
  assert.equal(await replay(play(life), collect({ ...expect, closedLast: true })), undefined);
});

const wrong: [what: string, steps: Step[], message: RegExp][] = [
  [
    "a wrong answer",
    [send, { expect: { id: 1, result: { a: 2 } } }],
    /\$\.result\.a: expected 2, got 1/,
  ],
  ["a wrong next message", [send, { expect: { id: 2 }, strict: true }], /\$\.id: expected 2, got 1/],
  [
    "a wrong notification",
    [play(life), { expect: event("process/exited", 3, { exitCode: 0 }), within: 50 }],
    /did not come; the nearest: \$\.params\.exitCode: expected 0, got 7/,
  ],
  ["no answer", [{ expect: { id: 1 }, within: 50 }], /did not come; no other message/],
  [
    "an early answer",
    [send, { expect: { id: 1, result: "$any" }, elapsed: { gte: 60_000 } }],
    /after 60000 to/,
  ],
  ["an unwanted message", [send, { expectNone: { id: 1, result: "$any" } }], /no such message, got {"id":1/],
  ["a closed connection", [{ sendRaw: "close" }, { expect: { id: 1 } }], /the server closed the connection/],
  ["an open connection", [{ expectClosed: true, within: 50 }], /still open/],
  ["a missing pong", [{ expectFrame: { op: 10, text: "x" }, within: 50 }], /control frame, got \[\]/],
  ["a wrong HTTP status", [{ http: { path: "/", status: 404 } }], /expected HTTP 404, got 200/],
  [
    "a wrong HTTP body",
    [{ http: { path: "/", status: 200, body: "fancy" } }],
    /expected "fancy", got "plain"/,
  ],
  ["an upgrade that should fail", [{ open: "x", status: 401 }], /expected HTTP 401, got 101/],
  ["a wrong refusal", [{ open: "x", headers: { Origin: "a" }, status: 403, body: "yes" }], /got "no"/],
  ["a wrong exit code", [play(life), collect({ exitCode: 0 })], /\$\.exitCode: expected 0, got 7/],
  ["lost output", [play(life.toSpliced(1, 1)), collect({ contiguous: true })], /contiguous: expected true/],
  [
    "an event after closed",
    [play([event("process/exited", 5), ...life]), collect({ closedLast: true })],
    /closedLast/,
  ],
  ["a process that is not closed", [play(life.slice(1)), collect({})], /expected process\/closed/],
  ["a missing file", [{ file: { path: "gone", text: "" } }], /absent: expected false, got true/],
  [
    "a file that should be gone",
    [{ fs: { mkdir: "here" } }, { file: { path: "here", absent: true } }],
    /absent/,
  ],
  [
    "a wrong text",
    [{ fs: { write: "a", text: "x" } }, { file: { path: "a", text: "y" } }],
    /expected "y", got "x"/,
  ],
  ["a wrong mode", [{ fs: { write: "a", mode: "600" } }, { file: { path: "a", mode: "644" } }], /got "600"/],
];

for (const [what, steps, message] of wrong) {
  Deno.test(`${what} fails, with the step, what was expected and what came`, async () => {
    const failure = await replay(...steps);
    assert.match(failure ?? "", new RegExp(`^step ${steps.length} {`));
    assert.match(failure ?? "", message);
  });
}

Deno.test("a process that should be dead fails by its pid", async () => {
  const step: Step = { proc: { pid: String(Deno.pid), alive: false }, within: 50 };
  assert.match(await replay(step) ?? "", /to be dead/);
});

Deno.test("a step of an unknown kind fails", async () => {
  assert.match(await replay({ wait: 1 } as unknown as Step) ?? "", /Unknown kind of step/);
});
