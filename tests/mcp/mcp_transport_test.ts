import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport";
import { type McpExecOptions, McpExecTransport } from "../../src/mcp/mcp_transport.ts";
import { type McpMessage, McpServerExitError } from "../../src/mcp/mcp_message.ts";
import { ScriptedBackend } from "../machine/scripted_backend.ts";

const quick: McpExecOptions = { stdinMs: 20, signalMs: 20 };

/** A transport over a scripted process, and what it tells. */
function setUp(options: McpExecOptions = quick) {
  const backend = new ScriptedBackend();
  const transport = new McpExecTransport(backend, { argv: ["server", "secret"], cwd: "/w" }, options);
  const messages: McpMessage[] = [];
  const errors: Error[] = [];
  const told = { closes: 0 };
  transport.onmessage = (message) => void messages.push(message);
  transport.onerror = (error) => void errors.push(error);
  const closed = new Promise<void>((resolve) => {
    transport.onclose = () => {
      told.closes++;
      resolve();
    };
  });
  return { backend, transport, messages, errors, told, closed };
}

const ping: McpMessage = { jsonrpc: "2.0", id: 1, method: "ping" };
/** Until everything that is on its way inside has arrived. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("McpExecTransport has the shape of the SDK's transport", () => {
  const transport: Transport = setUp().transport;
  is(transport.sessionId, undefined); // A client would not initialize otherwise.
});

Deno.test("McpExecTransport starts the command as it is, with a stdin", async () => {
  const backend = new ScriptedBackend();
  const command = { argv: ["a", "b"], cwd: "/x", env: { A: "1" }, envPolicy: null, arg0: "zero" };
  await new McpExecTransport(backend, command).start();
  same(backend.requests, [{ ...command, pipeStdin: true }]);
});

Deno.test("McpExecTransport takes messages out of the stream, in order", async () => {
  const { backend, transport, messages, errors } = setUp();
  await transport.start();
  const [first, second] = [ping, { ...ping, id: "ä€🙂" }];
  const bytes = new TextEncoder().encode(`${JSON.stringify(first)}\n${JSON.stringify(second)}\r\n`);
  for (const byte of bytes) backend.say(new Uint8Array([byte]));
  await settle();
  same(messages, [first, second]);
  same(errors, []);
});

Deno.test("McpExecTransport gives a turn to each message of a chunk", async () => {
  const { backend, transport } = setUp();
  const order: string[] = [];
  transport.onmessage = ({ id }) => {
    order.push(`${id} comes`);
    Promise.resolve().then(() => order.push(`${id} is handled`));
  };
  await transport.start();
  backend.say([1, 2].map((id) => `${JSON.stringify({ ...ping, id })}\n`).join(""));
  await settle();
  same(order, ["1 comes", "1 is handled", "2 comes", "2 is handled"]);
});

Deno.test("McpExecTransport tells of noise and goes on", async () => {
  const { backend, transport, messages, errors } = setUp();
  await transport.start();
  const noise = ["Listening on 3000", "[1]", "null", '"x"', '{"jsonrpc":"1.0"}', "{"];
  backend.say(`${noise.join("\n")}\n\n   \n\r\n${JSON.stringify(ping)}\n`);
  await settle();
  same(messages, [ping]);
  const about = (line: string) =>
    `A line of the MCP server "server" is no JSON-RPC message: ${JSON.stringify(line)}`;
  same(errors.map(({ message }) => message), noise.map(about));
});

Deno.test("McpExecTransport quotes only the beginning of long noise", async () => {
  const { backend, transport, errors } = setUp();
  await transport.start();
  backend.say(`${"x".repeat(100_000)}\n`);
  await settle();
  match(errors[0]!.message, /: "x{1024}\.\.\."$/);
});

Deno.test("McpExecTransport tells of a line that is too long, once, and goes on", async () => {
  const { backend, transport, messages, errors } = setUp({ ...quick, lineBytes: 50 });
  await transport.start();
  for (let i = 0; i < 10; i++) backend.say("x".repeat(30));
  backend.say(`\n${JSON.stringify(ping)}\n`);
  await settle();
  same(errors.map(({ message }) => message), [
    'A line of the MCP server "server" is longer than 50 bytes and is skipped',
  ]);
  same(messages, [ping]);
});

Deno.test("McpExecTransport takes a last message without a newline", async () => {
  const { backend, transport, messages, closed } = setUp();
  await transport.start();
  backend.say(JSON.stringify(ping));
  backend.exit(0);
  await closed;
  same(messages, [ping]);
});

Deno.test("McpExecTransport keeps stderr apart, and its end", async () => {
  const { backend, transport, messages } = setUp({ ...quick, stderrBytes: 10 });
  const seen: string[] = [];
  transport.onstderr = (bytes) => void seen.push(new TextDecoder().decode(bytes));
  await transport.start();
  backend.say(`${JSON.stringify(ping)}\n`.repeat(3), "stderr");
  backend.say("the last words", "stderr");
  await settle();
  is(transport.stderr(), "last words");
  is(seen.join(""), `${JSON.stringify(ping)}\n`.repeat(3) + "the last words");
  same(messages, []);
});

Deno.test("McpExecTransport tells of a crash with exit code and stderr, then of the end, once", async () => {
  const { backend, transport, errors, told, closed } = setUp();
  await transport.start();
  backend.say("cannot open database\n", "stderr");
  backend.log.appendExited(3);
  backend.say("giving up\n", "stderr"); // Output may follow the exit.
  backend.log.appendClosed();
  await closed;
  is(errors.length, 1);
  const [error] = errors;
  ok(error instanceof McpServerExitError);
  same([error.exitCode, error.stderr], [3, "cannot open database\ngiving up\n"]);
  is(
    error.message,
    'The MCP server "server" ended with exit code 3; its stderr ends: cannot open database\ngiving up',
  );
  await transport.close();
  await rejects(transport.send(ping), { message: /^The transport to the MCP server "server" is closed/ });
  same([told.closes, errors.length, backend.calls], [1, 1, []]);
});

Deno.test("McpExecTransport does not wait for who holds the streams of a server that is gone", async () => {
  const { backend, transport, told, closed } = setUp();
  await transport.start();
  backend.log.appendExited(0);
  await closed;
  same([told.closes, backend.calls], [1, ["terminate"]]);
});

Deno.test("McpExecTransport tells why a process cannot be followed, and ends", async () => {
  const { backend, transport, errors, told, closed } = setUp();
  await transport.start();
  backend.log.fail("the line was cut");
  await closed;
  same(errors.map(({ message }) => message), [
    'Cannot follow the MCP server "server" any more: the line was cut',
  ]);
  await transport.close();
  is(told.closes, 1);
});

Deno.test("McpExecTransport ends a server whose output has a gap", async () => {
  const { backend, transport, errors, closed } = setUp();
  backend.say(new Uint8Array(1_000_000));
  backend.say(new Uint8Array(1_000_000));
  await transport.start();
  await closed;
  match(errors[0]!.message, /events 1 to 1 of its output are lost/);
  same(backend.calls, ["terminate"]);
});

Deno.test("McpExecTransport writes a message as one line, in order", async () => {
  const { backend, transport } = setUp();
  await transport.start();
  const messages = ["a\nb", "c\r\u2028d"].map((text) => ({ ...ping, params: { text } }));
  await Promise.all(messages.map((message) => transport.send(message)));
  same(backend.written.map((line) => JSON.parse(line)), messages);
  ok(backend.written.every((line) => line.indexOf("\n") === line.length - 1));
});

for (
  const [status, message] of [
    ["stdinClosed", /^The message was not sent: the stdin of the MCP server "server" is closed$/],
    ["unknownProcess", /^The message was not sent: the MCP server "server" ended a while ago/],
    ["starting", /^The message was not sent: the MCP server "server" is still starting; send it again$/],
  ] as const
) {
  Deno.test(`McpExecTransport makes an error of the write status ${status}`, async () => {
    const { backend, transport } = setUp();
    await transport.start();
    backend.writeStatus = status;
    await rejects(transport.send(ping), { message });
  });
}

Deno.test("McpExecTransport.send() that waits when the transport is closed tells so", async () => {
  const { backend, transport } = setUp();
  await transport.start();
  const cause = new Error("Broken pipe");
  let fail = () => {};
  backend.write = () => new Promise((_, reject) => fail = () => reject(cause));
  backend.effects.closeStdin = () => {
    fail();
    backend.exit(0);
  };
  const sending = rejects(transport.send(ping), { message: /is closed/, cause });
  await transport.close();
  await sending;
});

Deno.test("McpExecTransport.send() needs a started transport", async () => {
  const { transport } = setUp();
  await rejects(transport.send(ping), { message: /is not started; call start\(\) first$/ });
});

Deno.test("McpExecTransport starts once", async () => {
  const { transport } = setUp();
  await transport.start();
  await rejects(transport.start(), { message: /was started already; make a new one$/ });
});

Deno.test("McpExecTransport tells why a server cannot be started, and is closed", async () => {
  const { backend, transport, told } = setUp();
  const cause = new Error("No such program");
  backend.started = Promise.reject(cause);
  await rejects(transport.start(), {
    message: 'Cannot start the MCP server "server": No such program',
    cause,
  });
  await transport.close();
  is(told.closes, 1);
});

Deno.test("McpExecTransport.close() ends stdin first and kills nobody who then ends", async () => {
  const { backend, transport, errors, told } = setUp({ stdinMs: 60_000 });
  await transport.start();
  backend.effects.closeStdin = () => backend.exit(0);
  await Promise.all([transport.close(), transport.close()]);
  await transport.close();
  same([backend.calls, errors, told.closes], [["closeStdin"], [], 1]);
});

Deno.test("McpExecTransport.close() asks by a signal, then does not ask", async () => {
  const polite = setUp({ stdinMs: 20, signalMs: 60_000 });
  await polite.transport.start();
  polite.backend.effects["signal terminate"] = () => polite.backend.exit(143);
  await polite.transport.close();
  same(polite.backend.calls, ["closeStdin", "signal terminate"]);

  const rude = setUp();
  await rude.transport.start();
  rude.backend.effects.terminate = () => rude.backend.exit(137);
  await rude.transport.close();
  same(rude.backend.calls, ["closeStdin", "signal terminate", "terminate"]);
  same([polite.errors, rude.errors], [[], []]);
});

Deno.test("McpExecTransport.close() goes on at once where a step is refused", async () => {
  const { backend, transport, told } = setUp({ stdinMs: 60_000, signalMs: 60_000 });
  await transport.start();
  const refuse = () => Promise.reject(new Error("Method not found"));
  for (const call of ["closeStdin", "signal terminate", "signal interrupt"]) backend.effects[call] = refuse;
  backend.effects.terminate = () => backend.exit(137);
  await transport.close();
  same(backend.calls, ["closeStdin", "signal terminate", "signal interrupt", "terminate"]);
  is(told.closes, 1);
});

Deno.test("McpExecTransport.close() goes on where the end of stdin waits for a write without end", async () => {
  const { backend, transport, told } = setUp({ stdinMs: 20, signalMs: 60_000 });
  await transport.start();
  backend.effects.closeStdin = () => new Promise(() => {});
  backend.effects["signal terminate"] = () => backend.exit(143);
  await transport.close();
  same([backend.calls, told.closes], [["closeStdin", "signal terminate"], 1]);
});

Deno.test("McpExecTransport.close() during the start ends what was started", async () => {
  const { backend, transport, told } = setUp();
  let go = () => {};
  backend.started = new Promise((resolve) => go = resolve);
  backend.effects.closeStdin = () => backend.exit(0);
  const starting = rejects(transport.start(), { message: /is closed; make a new one$/ });
  const closing = transport.close();
  await settle();
  is(told.closes, 0);
  go();
  await Promise.all([starting, closing]);
  same([backend.calls, told.closes], [["closeStdin"], 1]);
});

Deno.test("McpExecTransport.close() before the start keeps it from starting", async () => {
  const { backend, transport, told } = setUp();
  await transport.close();
  await rejects(transport.start(), { message: /is closed/ });
  same([backend.requests, told.closes], [[], 1]);
});

Deno.test("McpExecTransport still takes an answer that comes while it closes", async () => {
  const { backend, transport, messages } = setUp();
  await transport.start();
  backend.effects.closeStdin = () => {
    backend.say(`${JSON.stringify(ping)}\n`);
    backend.exit(0);
  };
  await transport.close();
  same(messages, [ping]);
});

Deno.test("McpExecTransport tells of a listener that throws, and goes on", async () => {
  const { backend, transport, errors } = setUp();
  let seen = 0;
  transport.onmessage = () => {
    seen++;
    throw new Error("A fault of the listener");
  };
  await transport.start();
  backend.say(`${JSON.stringify(ping)}\n`.repeat(2));
  await settle();
  same([seen, errors.map(({ message }) => message)], [2, Array(2).fill("A fault of the listener")]);
});
