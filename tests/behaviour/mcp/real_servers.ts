import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
// The package leads Deno to types that do not exist for the name with the suffix.
// @ts-types="@modelcontextprotocol/sdk/types"
import { CreateMessageRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { McpServerExitError } from "../../../src/mcp/mcp_message.ts";
import { McpSession, textOfResult } from "../../support/mcp_session.ts";
import { TempFolder } from "../../support/temp_folder.ts";
import type { Behaviours } from "../backend_suite.ts";

/** What the servers of the MCP project can do is done through a backend. */
export const realServerBehaviours: Behaviours = {
  "tools are listed and called": async (backend) => {
    await using session = await McpSession.open(backend, "everything");
    match(session.client.getServerVersion()!.name, /everything/);
    const { tools } = await session.client.listTools();
    ok(tools.length > 5 && tools.some(({ name }) => name === "echo"), JSON.stringify(tools));
    is(await session.call("echo", { message: "ä€🙂\n\u2028" }), "Echo: ä€🙂\n\u2028");
    match(await session.call("get-sum", { a: 2, b: 40 }), /42/);
    same(session.errors, []);
  },
  "calls that overlap get each their own answer": async (backend) => {
    await using session = await McpSession.open(backend, "everything");
    const messages = Array.from({ length: 100 }, (_, i) => `${i} ${"x".repeat(i * 37)}`);
    const answers = await Promise.all(messages.map((message) => session.call("echo", { message })));
    same(answers, messages.map((message) => `Echo: ${message}`));
  },
  "progress is told as it is made": async (backend) => {
    await using session = await McpSession.open(backend, "everything");
    const steps: number[] = [];
    const params = { name: "trigger-long-running-operation", arguments: { duration: 0.2, steps: 4 } };
    const result = await session.client.callTool(params, undefined, {
      onprogress: ({ progress, total }) => {
        is(total, 4);
        steps.push(progress);
      },
    });
    match(textOfResult(result), /completed/);
    same(steps, [1, 2, 3, 4]);
    same(session.errors, []);
  },
  "resources and prompts are read": async (backend) => {
    await using session = await McpSession.open(backend, "everything");
    const { client } = session;
    const { resources } = await client.listResources();
    ok(resources.length > 0);
    const { contents } = await client.readResource({ uri: resources[0]!.uri });
    ok("text" in contents[0]! && contents[0].text.length > 0);
    const { prompts } = await client.listPrompts();
    ok(prompts.some(({ name }) => name === "args-prompt"));
    const { messages } = await client.getPrompt({ name: "args-prompt", arguments: { city: "Zürich" } });
    same(messages[0]!.content, { type: "text", text: "What's weather in Zürich?" });
  },
  "a server asks its client, too": async (backend) => {
    await using session = await McpSession.open(backend, "everything", {
      capabilities: { sampling: {} },
      prepare: (client) =>
        client.setRequestHandler(CreateMessageRequestSchema, () => ({
          model: "none",
          role: "assistant" as const,
          content: { type: "text" as const, text: "a sample of wit" },
        })),
    });
    const answer = session.call("trigger-sampling-request", { prompt: "wit", maxTokens: 5 });
    match(await answer, /a sample of wit/);
  },
  "results and arguments of several megabytes arrive whole": async (backend) => {
    await using folder = new TempFolder();
    await using session = await McpSession.open(backend, "filesystem", { args: [folder.path] });
    const path = `${folder.path}/large.txt`;
    const content = Array.from({ length: 300_000 }, (_, i) => `line ${i} €`).join("\n");
    await session.call("write_file", { path, content });
    ok(await Deno.readTextFile(path) === content, "what was written is not what was sent");
    ok(await session.call("read_text_file", { path }) === content, "what was read is not what is there");
    same(session.errors, []);
  },
  "files of the server's machine are listed": async (backend) => {
    await using folder = new TempFolder();
    await folder.write("a.txt", "a");
    await using session = await McpSession.open(backend, "filesystem", { args: [folder.path] });
    is(await session.call("list_directory", { path: folder.path }), "[FILE] a.txt");
    const refused = await session.client.callTool({
      name: "read_text_file",
      arguments: { path: "/etc/passwd" },
    });
    is(refused.isError, true);
  },
  "two servers do not disturb each other": async (backend) => {
    await using folder = new TempFolder();
    await folder.write("a.txt", "x".repeat(200_000));
    const [one, other] = await Promise.all([
      McpSession.open(backend, "everything"),
      McpSession.open(backend, "filesystem", { args: [folder.path] }),
    ]);
    const path = `${folder.path}/a.txt`;
    for (let i = 0; i < 5; i++) {
      const answers = await Promise.all([
        one.call("echo", { message: `${i}` }),
        other.call("read_text_file", { path }),
      ]);
      same(answers, [`Echo: ${i}`, "x".repeat(200_000)]);
    }
    await one.client.close();
    same(one.pids(), []);
    is((await other.call("read_text_file", { path })).length, 200_000);
    await other.client.close();
    same([one.errors, other.errors, other.pids()], [[], [], []]);
  },
  "a server that is killed in the middle of a call fails the call": async (backend) => {
    await using session = await McpSession.open(backend, "everything");
    const params = { name: "trigger-long-running-operation", arguments: { duration: 600, steps: 6_000 } };
    let told = () => {};
    const begun = new Promise<void>((resolve) => told = resolve);
    const call = rejects(session.client.callTool(params, undefined, { onprogress: () => told() }), {
      code: -32000,
    });
    await begun;
    for (const pid of session.pids()) Deno.kill(pid, "SIGKILL");
    await call;
    await session.closed;
    const [error] = session.errors;
    ok(error instanceof McpServerExitError, String(error));
    is(error.exitCode, 137);
    match(error.stderr, /Starting default \(STDIO\) server/);
    await rejects(session.client.ping());
  },
  "closing the client ends the server": async (backend) => {
    const session = await McpSession.open(backend, "everything");
    is(session.pids().length, 1);
    await Promise.all([session.client.close(), session.transport.close()]);
    same(session.pids(), []);
    await session.transport.close();
    same([session.closes, session.errors], [1, []]);
    await rejects(session.transport.send({ jsonrpc: "2.0", method: "x" }), { message: /is closed/ });
  },
  "closing during the start leaves nothing behind": async (backend) => {
    // The moment is another one each time.
    for (const ms of [0, 0, 2, 5, 20, 50, 100]) {
      const session = new McpSession(backend, "everything");
      const connecting = session.client.connect(session.transport).then(() => {}, () => {});
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      await session.transport.close();
      same([session.pids(), session.closes], [[], 1]);
      await connecting;
    }
  },
};
