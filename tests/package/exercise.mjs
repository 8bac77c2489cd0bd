/**
 * Uses the installed package as a program does, on whatever runtime runs this: local processes, a server's by WebSocket
 * and by its standard streams. Ends by itself, with 0 if all went well.
 *
 *   exercise.mjs URL COMMAND...    a server's URL, and the command that is exec-server
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  encodeBase64,
  errorCodes,
  ExecServerClient,
  LocalBackend,
  McpExecTransport,
  RemoteBackend,
  ServerError,
  stdioServerConnector,
  UnifiedExecProcess,
  webSocketConnector,
} from "exec-server";

const [url, ...command] = process.argv.slice(2);
const onNode = !("Deno" in globalThis) && !("Bun" in globalThis);
const folder = mkdtempSync(join(tmpdir(), "exec-server-package-"));

try {
  const local = new LocalBackend();
  await exercise(local, "local");
  await refusals(local);
  await terminal(local, onNode);
  await local[Symbol.asyncDispose]();

  const stdio = stdioServerConnector({ argv: [...command, "serve", "--listen", "stdio"] });
  for (const [name, connector] of [["WebSocket", webSocketConnector(url)], ["stdio", stdio]]) {
    const client = await ExecServerClient.connect(connector);
    await exercise(new RemoteBackend(client), name);
    await terminal(new RemoteBackend(client), false);
    await files(client);
    client.close();
  }
  process.stdout.write("all is well\n");
} finally {
  rmSync(folder, { recursive: true });
}

/** What every backend does. */
async function exercise(backend, name) {
  await output(backend);
  await surroundings(backend);
  await stdin(backend);
  await slowReader(backend);
  await death(backend);
  await signal(backend);
  await mcp(backend);
  process.stdout.write(`${name}: well\n`);
}

async function output(backend) {
  const child = await backend.start({ argv: ["sh", "-c", "echo out; echo err >&2; exit 3"] });
  const seen = { stdout: "", stderr: "" };
  const kinds = [];
  for await (const event of child.events()) {
    if (event.kind === "output") seen[event.stream] += new TextDecoder().decode(event.bytes);
    else kinds.push(event.kind === "exited" ? [event.kind, event.exitCode] : event.kind);
  }
  assert.deepEqual(seen, { stdout: "out\n", stderr: "err\n" });
  assert.deepEqual(kinds, [["exited", 3], "closed"]);
  assert.deepEqual(child.state, { hasExited: true, exitCode: 3, failureMessage: null });
}

async function surroundings(backend) {
  const argv = ["/bin/cat", "/proc/self/cmdline", "/proc/self/environ"];
  const request = { argv, env: { MARK: "ä=b" }, envPolicy: null, arg0: "feline" };
  const text = await outputOf(await backend.start(request));
  assert.equal(text, ["feline", "/proc/self/cmdline", "/proc/self/environ", "MARK=ä=b", ""].join("\0"));
  assert.equal(await outputOf(await backend.start({ argv: ["pwd"], cwd: folder })), `${folder}\n`);
}

async function stdin(backend) {
  const child = await backend.start({ argv: ["cat"], pipeStdin: true });
  const bytes = pattern(3_000_001);
  const received = digest(child.events({ lossless: true }));
  for (let at = 0; at < bytes.length; at += 500_000) {
    assert.equal(await child.write(bytes.subarray(at, at + 500_000)), "accepted");
  }
  assert.equal(await child.closeStdin(), "accepted");
  assert.equal(await received, sha256(bytes));
}

async function slowReader(backend) {
  const path = join(folder, "large");
  const bytes = pattern(9_000_007);
  writeFileSync(path, bytes);
  const child = await backend.start({ argv: ["cat", path] });
  const events = child.events({ lossless: true });
  const first = await events.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  const hash = createHash("sha256").update(first.value.bytes);
  for await (const event of events) if (event.kind === "output") hash.update(event.bytes);
  assert.equal(hash.digest("hex"), sha256(bytes));
}

async function death(backend) {
  const child = await backend.start({ argv: ["sh", "-c", "sleep 1000 & echo $! $$; wait"] });
  const unified = new UnifiedExecProcess(child);
  assert.equal(await unified.waitUntil({ pattern: /\d+ \d+\n/ }), "pattern");
  const pids = unified.output.trim().split(" ");
  assert.ok(pids.every(isAlive));
  await unified.terminate();
  assert.equal(unified.state.exitCode, 137);
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function signal(backend) {
  const script = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.05; done";
  const child = await backend.start({ argv: ["sh", "-c", script] });
  const unified = new UnifiedExecProcess(child);
  await unified.waitUntil({ pattern: /ready/ });
  const again = backend.start({ argv: ["true"], processId: child.processId });
  await assert.rejects(
    again,
    (error) => error instanceof ServerError && error.rpcCode === errorCodes.invalidRequest,
  );
  await child.signal("interrupt");
  assert.equal(await unified.waitUntil(), "ended");
  assert.equal(unified.output, "ready\ncaught\n");
  assert.equal(unified.state.exitCode, 5);
}

/** Which of MCP's messages come and go is no matter of the transport: a server that echoes them will do. */
async function mcp(backend) {
  const transport = new McpExecTransport(backend, { argv: ["cat"] });
  const received = new Promise((resolve, reject) => {
    transport.onmessage = resolve;
    transport.onerror = reject;
  });
  await transport.start();
  const message = { jsonrpc: "2.0", method: "notifications/initialized", params: { text: "ä\n" } };
  await transport.send(message);
  assert.deepEqual(await received, message);
  await transport.close();
}

async function refusals(backend) {
  const script = join(folder, "script");
  writeFileSync(script, "#!/nowhere/interpreter\n", { mode: 0o755 });
  for (
    const [request, pattern] of [
      [{ argv: ["no-such-program"] }, /No such file.*"no-such-program"/],
      [{ argv: [script] }, /No such file.*script/],
      [{ argv: ["true"], cwd: join(folder, "nowhere") }, /cwd.*nowhere/],
      [{ argv: [] }, /argv must not be empty/],
    ]
  ) {
    await assert.rejects(
      backend.start(request),
      (error) => error instanceof ServerError && pattern.test(error.message),
    );
  }
}

async function terminal(backend, refused) {
  const start = backend.start({ argv: ["sh", "-c", "stty size; test -t 1 && echo yes"], tty: true });
  if (refused) return await assert.rejects(start, /Node has no terminals/);
  assert.equal(await outputOf(await start), "24 80\r\nyes\r\n");
}

async function files(client) {
  const path = `file://${join(folder, "written")}`;
  const bytes = pattern(70_000);
  await client.call("fs/writeFile", { path, dataBase64: encodeBase64(bytes) });
  assert.equal(sha256(readFileSync(join(folder, "written"))), sha256(bytes));
  await client.call("fs/remove", { path });
  assert.ok(!existsSync(join(folder, "written")));
}

async function outputOf(child) {
  let text = "";
  for await (const event of child.events()) {
    if (event.kind === "output") text += new TextDecoder().decode(event.bytes);
  }
  return text;
}

async function digest(events) {
  const hash = createHash("sha256");
  for await (const event of events) if (event.kind === "output") hash.update(event.bytes);
  return hash.digest("hex");
}

function pattern(length) {
  return new Uint8Array(length).map((_, at) => (at * 31) >> 5);
}

function sha256(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Whether a process lives; a zombie does not. */
function isAlive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
