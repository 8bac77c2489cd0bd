/** Readers that pause for longer than the server waits between two pings. */
import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { collect, openClient, startParams } from "../support/client.ts";
import { serverCommand, type ServerProcess, serverRuntime, startServer } from "../support/server_process.ts";
import { opcodes, Wire } from "../support/wire.ts";

/** A binary cannot run another program than its own. */
const ignore = serverRuntime() === "binary";
const intervalMs = 200;
/** Several windows of output that is not confirmed. */
const lines = 1_000_000;
const bytes = 6_888_896;
const limitMs = 60_000;

async function startPinging(): Promise<ServerProcess> {
  const program = fileURLToPath(new URL("../support/pinging_server.ts", import.meta.url));
  return await startServer({ command: [...serverCommand().slice(0, -1), program, String(intervalMs)] });
}

/** Longer than several pings: nothing announces that they have come. */
const pause = () => delay(intervalMs * 8);

Deno.test({
  name: "a client whose reader pauses past several pings gets every byte",
  ignore,
  async fn() {
    await using server = await startPinging();
    await using client = await openClient(server.url);
    const channel = await client.start(startParams("p", ["seq", String(lines)]));
    await pause();
    strictEqual((await deadline(collect(channel), limitMs)).stdout.length, bytes);
  },
});

Deno.test({
  name: "run gives every byte to a reader that pauses past several pings",
  ignore,
  async fn() {
    await using server = await startPinging();
    const [program, ...first] = serverCommand();
    const child = new Deno.Command(program!, {
      args: [...first, "run", "--url", server.url, "--", "seq", String(lines)],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
    let length = 0;
    for await (const part of child.stdout) {
      if (length === 0) await pause();
      length += part.length;
    }
    strictEqual(length, bytes);
    strictEqual((await child.status).code, 0);
    clearTimeout(timer);
  },
});

Deno.test({
  name: "a client that answers only the newest ping gets every byte",
  ignore,
  async fn() {
    await using server = await startPinging();
    using wire = await Wire.open(server.url, { answersPings: false });
    const frames: number[] = [];
    wire.onFrame = ({ opcode, payload }) => {
      // A ping right behind another one came for no output: it alone is answered.
      const isNewest = opcode === opcodes.ping && (frames.length < 3 || frames.at(-1) === opcodes.ping);
      frames.push(opcode);
      if (isNewest) void wire.sendFrame(payload, { opcode: opcodes.pong });
    };
    await wire.initialize();
    let length = 0;
    const closed = new Promise<void>((resolve) => {
      wire.onNotification = ({ method, params }) => {
        if (method === "process/output") length += atob(params.chunk).length;
        if (method === "process/closed") resolve();
      };
    });
    await wire.request("process/start", startParams("p", ["seq", String(lines)]));
    await deadline(closed, limitMs);
    strictEqual(length, bytes);
  },
});
