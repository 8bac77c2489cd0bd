/** `run` on a server that means no good: what runs in it is trusted by nobody. */
import { deepStrictEqual as same, doesNotMatch, match, strictEqual as is } from "node:assert/strict";
import { MESSAGE_BYTES } from "../../src/limits.ts";
import { runCommand } from "../support/command.ts";
import { listenScripted } from "../support/listen_scripted.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

/** A server whose process does nothing but end. */
function endingWith(exitCode: number): ScriptedServer {
  const server = new ScriptedServer();
  server.answers["process/start"] = ({ params: { processId } }, connection) => {
    connection.event("exited", 1, { processId, exitCode });
    connection.event("closed", 2, { processId });
    return { result: { processId, sandboxType: "none" } };
  };
  return server;
}

for (
  const [exitCode, status] of [[255, 255], [256, 255], [-256, 255], [2 ** 31, 255], [1e308, 125], [-1.5, 125]]
) {
  Deno.test(`an exit code of ${exitCode} comes out as ${status}`, async () => {
    await using server = await listenScripted(endingWith(exitCode!));
    const { code, stderr } = await runCommand(["run", "--url", server.url, "--", "true"]);
    is(code, status);
    is(/exit/.test(stderr), exitCode !== status);
  });
}

Deno.test("what a server refuses with cannot drive the terminal it is shown on", async () => {
  const message =
    'no\u001b]0;owned\u0007\u009b2J\r\nexec-server: forged\u202e (os error 2): cannot run program "x"';
  for (const json of [false, true]) {
    const scripted = new ScriptedServer();
    scripted.answers["process/start"] = () => ({ error: { code: -32603, message } });
    await using server = await listenScripted(scripted);
    const flags = json ? ["--json"] : [];
    const { code, stderr, text } = await runCommand(["run", ...flags, "--url", server.url, "--", "true"]);
    is(code, 127);
    match(
      stderr,
      /^exec-server: Cannot run "true": no\\u001b\]0;owned\\u0007\\u009b2J\\r\\nexec-server: forged\\u202e\n$/,
    );
    doesNotMatch(text.replaceAll("\n", ""), /\p{Cc}/u);
  }
});

Deno.test("an error of any length is told in a few lines", async () => {
  const scripted = new ScriptedServer();
  scripted.answers["initialize"] = () => ({ error: { code: -32600, message: "x".repeat(1_000_000) } });
  await using server = await listenScripted(scripted);
  const { code, stderr } = await runCommand(["run", "--url", server.url, "--", "true"]);
  same([code, stderr.length < 10_000], [125, true]);
});

Deno.test("answers that nobody asked for and news of strangers' processes change nothing", async () => {
  const scripted = endingWith(3);
  const start = scripted.answers["process/start"]!;
  scripted.answers["process/start"] = (request, connection) => {
    for (let i = 0; i < 1_000; i++) {
      connection.event("output", i + 1, { processId: `stranger ${i}` });
      connection.push({ id: 1_000_000 + i, result: {} });
      connection.push({ id: `text ${i}`, error: { code: 1, message: "no" } });
    }
    return start(request, connection);
  };
  await using server = await listenScripted(scripted);
  const { code, text, stderr } = await runCommand(["run", "--url", server.url, "--", "true"]);
  same([code, text, stderr], [3, "", ""]);
});

Deno.test("a message of any size ends the connection, and not the program's memory", async () => {
  const scripted = new ScriptedServer();
  let huge: string | undefined = `{"method":"x","params":"${"x".repeat(MESSAGE_BYTES)}"}`;
  scripted.answers["process/start"] = (_request, connection) => {
    if (huge) connection.push(huge);
    huge = undefined;
    return { error: { code: -32603, message: "gone" } };
  };
  await using server = await listenScripted(scripted);
  const { code } = await runCommand(["run", "--url", server.url, "--", "true"]);
  is(code, 125);
  is(scripted.connections.length, 2);
});
