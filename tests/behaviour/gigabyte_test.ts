import { strictEqual as is } from "node:assert/strict";
import { createHash } from "node:crypto";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import { bytesOf, openClient, startParams, textOf } from "../support/client.ts";
import { serverRuntime, startServer } from "../support/server_process.ts";

/** More than 2^30 on one runtime, and a part of that on the others. */
const bytes = serverRuntime() === "deno" ? 2 ** 30 + 12_345 : 2 ** 27 + 12_345;

Deno.test("a gigabyte of output has the sum that it had where it was printed", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using client = await openClient(server.url);
  const script = `{ seq 1 200000000 | head -c ${bytes} | tee /dev/fd/3 | sha256sum >&2; } 3>&1`;
  const process = await client.start(startParams("p", ["bash", "-c", script]));
  const hash = createHash("sha256");
  let received = 0;
  let sum = "";
  for await (const event of process.events({ lossless: true })) {
    if (event.kind !== "output") continue;
    if (event.stream === "stderr") sum += textOf(event.bytes);
    else {
      hash.update(event.bytes);
      received += event.bytes.length;
    }
  }
  is(received, bytes);
  is(sum.slice(0, 64), hash.digest("hex"));
});

Deno.test("a gigabyte of input has the sum that it had where it was written", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using client = await openClient(server.url);
  const argv = ["sha256sum"];
  const process = await new RemoteBackend(client).start({ argv, cwd: "/tmp", pipeStdin: true });
  const hash = createHash("sha256");
  // No two parts are alike.
  const part = new Uint8Array(500_000).map((_, i) => i * 31 + (i >> 8));
  const writes: Promise<unknown>[] = [];
  for (let at = 0, number = 0; at < bytes; at += part.length) {
    const sent = part.slice(0, bytes - at);
    new DataView(sent.buffer).setUint32(0, ++number);
    hash.update(sent);
    writes.push(process.write(sent));
    if (writes.length > 8) is(await writes.shift(), "accepted");
  }
  await Promise.all(writes);
  await process.closeStdin();
  const events = [];
  for await (const event of process.events({ lossless: true })) events.push(event);
  is(textOf(bytesOf(events, "stdout")).slice(0, 64), hash.digest("hex"));
});
