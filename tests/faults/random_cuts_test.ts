import { match, strictEqual as is } from "node:assert/strict";
import { createHash } from "node:crypto";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import { openClient, startParams, textOf } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import { FaultProxy } from "./fault_proxy.ts";

const transferBytes = 50_000_000;
const cutsWanted = 200;
const linesWanted = 100;

Deno.test("200 random cuts lose, double and reorder nothing, and restart no process", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using proxy = await FaultProxy.listen(server.url);
  const states: string[] = [];
  await using client = await openClient(proxy.url, {}, {
    onConnection: ({ kind }) => void states.push(kind),
  });
  let transferred = false;
  // The first connection lasts through the starts; from then on each is cut after some bytes: some of them in the middle
  // of the handshake, the others in the middle of a frame, but often late enough for the largest.
  proxy.cutAfterBytes = () => {
    if (proxy.cuts >= cutsWanted) return Infinity;
    return 300 + Math.floor(Math.random() * (transferred || Math.random() < 0.2 ? 30_000 : 2_000_000));
  };

  const script = `echo $$ >&2; seq 1 100000000 | head -c ${transferBytes}`;
  const transfer = await client.start(startParams("transfer", ["sh", "-c", script]));
  const output = transfer.events({ lossless: true });
  const echo = await client.start(
    startParams("echo", ["sh", "-c", "echo $$; exec cat"], { pipeStdin: true }),
  );
  proxy.cut();

  const hash = createHash("sha256");
  const receive = async () => {
    let bytes = 0;
    let lastSeq = 0;
    let pids = "";
    for await (const event of output) {
      if (event.kind === "failed" || event.kind === "gap") throw new Error(JSON.stringify(event));
      is(event.seq, ++lastSeq);
      if (event.kind !== "output") continue;
      if (event.stream === "stderr") pids += textOf(event.bytes);
      else {
        bytes += event.bytes.length;
        hash.update(event.bytes);
      }
    }
    transferred = true;
    is(bytes, transferBytes);
    is(pids.trim().split("\n").length, 1);
    is(transfer.state.exitCode, 0);
  };

  const talk = async () => {
    const events = echo[Symbol.asyncIterator]();
    let lines = 0;
    /** The next line, whole: nothing before it and nothing after it. */
    const read = async () => {
      let line = "";
      while (!line.endsWith("\n")) {
        const { value } = await events.next();
        if (value?.kind !== "output") throw new Error(`echo: ${JSON.stringify(value)}`);
        line += textOf(value.bytes);
      }
      return line;
    };
    match(await read(), /^\d+\n$/); // The only time that it starts.
    while (!transferred || proxy.cuts < cutsWanted || lines < linesWanted) {
      const line = `line ${++lines} ${"x".repeat(lines % 2_000)}\n`;
      const chunk = encodeBase64(new TextEncoder().encode(line));
      const { status } = await client.call("process/write", {
        processId: "echo",
        chunk,
        writeId: String(lines),
      });
      is(status, "accepted");
      is(await read(), line);
    }
    await events.return();
  };

  await Promise.all([receive(), talk()]);
  is(hash.digest("hex"), await expectedDigest());
  is(proxy.cuts >= cutsWanted, true, `${proxy.cuts} cuts`);
  is(states.filter((kind) => kind === "disconnected").length, 0);
  const { processes } = await client.call("process/list", null);
  is(processes.find(({ processId }) => processId === "echo")?.exited, false);
  await client.call("process/terminate", { processId: "echo" });
});

async function expectedDigest(): Promise<string> {
  const script = `seq 1 100000000 | head -c ${transferBytes} | sha256sum`;
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  return textOf(stdout).slice(0, 64);
}
