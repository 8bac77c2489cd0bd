/**
 * An MCP server over its standard streams that does what well-behaved ones do not. With AWKWARD=stubborn it ends neither
 * with its input nor by SIGTERM, and has a child that does not either.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";

const stubborn = process.env.AWKWARD === "stubborn";
const write = (text) => process.stdout.write(text);
const send = (message) => write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const answer = (id, text) => send({ id, result: { content: [{ type: "text", text }] } });

if (stubborn) {
  process.on("SIGTERM", () => {});
  setInterval(() => {}, 1_000);
  spawn("/bin/sh", ["-c", 'trap "" TERM; while :; do sleep 1; done'], {
    stdio: ["ignore", "inherit", "inherit"],
  });
}

const tools = {
  where: (id) => answer(id, process.cwd()),
  length: (id, { text }) => answer(id, String(text.length)),
  /** Ends in the middle of the call. */
  crash: () => {
    process.stderr.write("out of cheese\n");
    process.exitCode = 7;
    process.stdin.destroy();
  },
  /** Does not answer, but tells what it hears of the call. */
  wait: (id) => process.stderr.write(`waiting for ${id}\n`),
  /** Says other things on stdout before, between and after. */
  noise: (id) => {
    write("Listening on port 3000\n\n");
    answer(id, "through the noise");
    write("Done.\n");
  },
  /** Says a line of this many bytes, which is no answer, then one. */
  drone: (id, { bytes }) => {
    write(`${"x".repeat(bytes)}\n`);
    answer(id, "after the drone");
  },
  /** Writes an answer with characters of several bytes in pieces of one byte. */
  dribble: async (id, { text }) => {
    const line = JSON.stringify({ jsonrpc: "2.0", id, result: { content: [{ type: "text", text }] } });
    for (const byte of Buffer.from(`${line}\n`)) {
      write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") {
    const serverInfo = { name: "awkward", version: "1.0.0" };
    const { protocolVersion } = params;
    send({ id, result: { protocolVersion, capabilities: { tools: {} }, serverInfo } });
  } else if (method === "tools/call") tools[params.name](id, params.arguments);
  else if (method === "notifications/cancelled") process.stderr.write(`cancelled ${params.requestId}\n`);
}
