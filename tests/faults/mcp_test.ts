import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { McpServerExitError } from "../../src/mcp/mcp_message.ts";
import { McpSession, textOfResult } from "../support/mcp_session.ts";
import { until } from "../support/proc.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { backendBehindProxy } from "./backend_behind_proxy.ts";

Deno.test("MCP sessions do not notice that their connection is cut, again and again", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend, states } = setup;
  await using folder = new TempFolder();
  await using everything = await McpSession.open(backend, "everything");
  await using files = await McpSession.open(backend, "filesystem", { args: [folder.path] });
  const pids = [...everything.pids(), ...files.pids()];
  const cutsWanted = 30;
  proxy.cutAfterBytes = () =>
    proxy.cuts >= cutsWanted
      ? Infinity
      : 300 + Math.floor(Math.random() * (Math.random() < 0.3 ? 20_000 : 2_000_000));
  proxy.cut("reset");

  const isOver = () => proxy.cuts >= cutsWanted;
  const talk = async () => {
    for (let i = 0; !isOver(); i++) {
      const message = `${i} ${"€".repeat(i % 3_000)}`;
      is(await everything.call("echo", { message }), `Echo: ${message}`);
    }
  };
  const progress = async () => {
    const params = { name: "trigger-long-running-operation", arguments: { duration: 0.1, steps: 5 } };
    while (!isOver()) {
      const steps: number[] = [];
      const onprogress = (step: { progress: number }) => void steps.push(step.progress);
      match(textOfResult(await everything.client.callTool(params, undefined, { onprogress })), /completed/);
      same(steps, [1, 2, 3, 4, 5]);
    }
  };
  const transfer = async () => {
    const path = `${folder.path}/file.txt`;
    for (let i = 0; !isOver(); i++) {
      const content = `${i} €\n`.repeat(100_000);
      await files.call("write_file", { path, content });
      ok(await files.call("read_text_file", { path }) === content, "the file is another one");
    }
  };
  await Promise.all([talk(), progress(), transfer()]);

  same([everything.errors, files.errors, everything.closes, files.closes], [[], [], 0, 0]);
  same([...everything.pids(), ...files.pids()], pids);
  ok(proxy.cuts >= cutsWanted);
  same(states.slice(0, 2), ["recovering", "connected"]);
});

Deno.test("an MCP server that crashes while its client is away is told when it is back", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend } = setup;
  await using session = await McpSession.open(backend, "awkward");
  const call = rejects(session.call("wait"), { code: -32000 });
  await until("the server has the call", () => session.transport.stderr() !== "");
  proxy.refusing = true;
  proxy.cut();
  for (const pid of session.pids()) Deno.kill(pid, "SIGKILL");
  proxy.refusing = false;
  await call;
  await session.closed;
  const [error] = session.errors;
  ok(error instanceof McpServerExitError);
  same([error.exitCode, session.errors.length, session.closes], [137, 1, 1]);
  match(error.stderr, /^waiting for \d+\n$/);
});

Deno.test("an MCP session that is closed while its connection is lost ends its server", async () => {
  await using setup = await backendBehindProxy();
  const { proxy, backend } = setup;
  const session = await McpSession.open(backend, "awkward", {
    command: { env: { AWKWARD: "stubborn" } },
    stdinMs: 50,
    signalMs: 50,
  });
  proxy.refusing = true;
  proxy.cut();
  const closing = session.client.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  proxy.refusing = false;
  await closing;
  await until("its processes are gone", () => session.pids().length === 0);
  same([session.errors, session.closes], [[], 1]);
});

Deno.test("an MCP session whose connection is lost for good ends with the reason", async () => {
  await using setup = await backendBehindProxy({ recoveryMs: 300 });
  const { proxy, backend } = setup;
  const session = await McpSession.open(backend, "awkward");
  const call = rejects(session.call("wait"), { code: -32000 });
  await until("the server has the call", () => session.transport.stderr() !== "");
  proxy.refusing = true;
  proxy.cut();
  await call;
  await session.closed;
  match(
    session.errors[0]!.message,
    /^Cannot follow the MCP server ".*node" any more: exec-server transport disconnected; failed to resume/,
  );
  same([session.errors.length, session.closes], [1, 1]);
  await session.client.close();
  await rejects(session.transport.send({ jsonrpc: "2.0", method: "x" }), { message: /is closed/ });
});
