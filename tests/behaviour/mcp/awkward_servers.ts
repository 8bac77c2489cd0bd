import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { McpServerExitError } from "../../../src/mcp/mcp_message.ts";
import { McpSession } from "../../support/mcp_session.ts";
import { until, untilSteady } from "../../support/proc.ts";
import type { Behaviours } from "../backend_suite.ts";

function signalAll(session: McpSession, signal: Deno.Signal): void {
  for (const pid of session.pids()) Deno.kill(pid, signal);
}

/** What a transport bears. */
export const awkwardServerBehaviours: Behaviours = {
  "a call that is cancelled is cancelled on the server": async (backend) => {
    await using session = await McpSession.open(backend, "awkward");
    const { client, transport } = session;
    const controller = new AbortController();
    const call = rejects(
      client.callTool({ name: "wait", arguments: {} }, undefined, { signal: controller.signal }),
      /not any more/,
    );
    await until("the server has the call", () => /waiting for \d+/.test(transport.stderr()));
    controller.abort("not any more");
    await call;
    const [, id] = /waiting for (\d+)/.exec(transport.stderr())!;
    await until("the server knows", () => transport.stderr().includes(`cancelled ${id}\n`));
    is(await session.call("where"), "/tmp");
    same(session.errors, []);
  },
  "a server that crashes in the middle of a call fails the call and tells why": async (backend) => {
    await using session = await McpSession.open(backend, "awkward");
    await rejects(session.call("crash"), { code: -32000 });
    await session.closed;
    is(session.errors.length, 1);
    const [error] = session.errors;
    ok(error instanceof McpServerExitError);
    same([error.exitCode, error.stderr], [7, "out of cheese\n"]);
    match(error.message, /ended with exit code 7; its stderr ends: out of cheese$/);
    await session.client.close();
    same([session.closes, session.pids()], [1, []]);
  },
  "noise on stdout is told and does no harm": async (backend) => {
    await using session = await McpSession.open(backend, "awkward");
    is(await session.call("noise"), "through the noise");
    is(await session.call("where"), "/tmp");
    same(session.errors.map(({ message }) => /message: (.*)$/.exec(message)?.[1]), [
      '"Listening on port 3000"',
      '"Done."',
    ]);
  },
  "a line that is too long is told and does no harm": async (backend) => {
    await using session = await McpSession.open(backend, "awkward", { lineBytes: 100_000 });
    is(await session.call("drone", { bytes: 3_000_000 }), "after the drone");
    match(session.errors[0]!.message, /longer than 100000 bytes and is skipped$/);
    is(session.errors.length, 1);
  },
  "an answer that comes byte by byte is one answer": async (backend) => {
    await using session = await McpSession.open(backend, "awkward");
    is(await session.call("dribble", { text: "ä€🙂".repeat(20) }), "ä€🙂".repeat(20));
    same(session.errors, []);
  },
  "a server that does not read holds its sender up, and nothing is lost or swapped": async (backend) => {
    await using session = await McpSession.open(backend, "awkward");
    const { transport } = session;
    const answers: unknown[] = [];
    const { onmessage } = transport;
    transport.onmessage = (message) => {
      if (String(message.id).startsWith("own-")) answers.push([message.id, message.result]);
      else onmessage?.(message);
    };
    const lengths = [2_000_000, 3_000_000, 10, 2_500_000, 0];
    signalAll(session, "SIGSTOP");
    let sent = 0;
    const sending = Promise.all(lengths.map(async (length, i) => {
      const params = { name: "length", arguments: { text: "x".repeat(length) } };
      await transport.send({ jsonrpc: "2.0", id: `own-${i}`, method: "tools/call", params });
      sent++;
    }));
    await untilSteady(() => sent);
    ok(sent < lengths.length, "nobody was held up");
    signalAll(session, "SIGCONT");
    await sending;
    await until("all are answered", () => answers.length === lengths.length);
    same(
      answers,
      lengths.map((length, i) => [`own-${i}`, { content: [{ type: "text", text: String(length) }] }]),
    );
    same(session.errors, []);
  },
  "a server that does not read is closed all the same": async (backend) => {
    const session = await McpSession.open(backend, "awkward", { stdinMs: 100, signalMs: 100 });
    signalAll(session, "SIGSTOP");
    const text = "x".repeat(3_000_000);
    const calls = [1, 2, 3].map(() => rejects(session.call("length", { text }), /closed/));
    await session.client.close();
    same([session.pids(), session.closes], [[], 1]);
    await Promise.all(calls);
  },
  "stderr is told as it comes": async (backend) => {
    await using session = await McpSession.open(backend, "awkward", { stderrBytes: 4 });
    let told = "";
    session.transport.onstderr = (bytes) => void (told += new TextDecoder().decode(bytes));
    await rejects(session.call("crash"));
    await session.closed;
    same([told, session.transport.stderr()], ["out of cheese\n", "ese\n"]);
  },
  "a server that does not want to end is ended, with its children": async (backend) => {
    const session = await McpSession.open(backend, "awkward", {
      command: { env: { AWKWARD: "stubborn" } },
      stdinMs: 100,
      signalMs: 100,
    });
    await until("its children run", () => session.pids().length >= 3);
    await session.client.close();
    await until("all of them are gone", () => session.pids().length === 0);
    same([session.closes, session.errors], [1, []]);
  },
  "children do not outlive a server that crashes, and hold nobody up": async (backend) => {
    const session = await McpSession.open(backend, "awkward", { command: { env: { AWKWARD: "stubborn" } } });
    await until("its children run", () => session.pids().length >= 3);
    Deno.kill(Math.min(...session.pids()), "SIGKILL");
    await session.closed;
    await until("all of them are gone", () => session.pids().length === 0);
    match(session.errors[0]!.message, /ended with exit code 137/);
    await session.client.close();
  },
  "a server that cannot be started is told why": async (backend) => {
    const session = new McpSession(backend, "awkward", { command: { argv: ["/no/such/server"] } });
    await rejects(session.client.connect(session.transport), {
      message: /^Cannot start the MCP server "\/no\/such\/server": .*no such/i,
    });
    is(session.closes, 1);
  },
  "a program that is no MCP server is told by its exit": async (backend) => {
    const session = new McpSession(backend, "awkward", {
      command: { argv: ["/bin/sh", "-c", "echo usage: none >&2; exit 2"] },
    });
    await rejects(session.client.connect(session.transport), { code: -32000 });
    match(String(session.errors[0]), /ended with exit code 2; its stderr ends: usage: none$/);
  },
};
