/** A viewer whose connection is cut again and again while a process floods: told of what it missed, and to the end. */
import { ok, strictEqual as is } from "node:assert/strict";
import { Environment } from "../../mod.ts";
import { startServer } from "../support/server_process.ts";
import { FaultProxy } from "./fault_proxy.ts";

Deno.test("a viewer that is cut off comes back, misses nothing without a word, and sees the end", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  await using proxy = await FaultProxy.listen(server.url);
  await using owner = await Environment.create(server.url);
  await using viewer = await Environment.create(proxy.url);
  const flood = await owner.exec.start({
    argv: ["sh", "-c", "read x; head -c 30000000 /dev/zero; exit 3"],
    pipeStdin: true,
    lossless: false,
    name: "flood",
  });
  const seen = await viewer.attach("flood", { role: "view" });
  await flood.write("\n");
  let next = 1;
  let cuts = 0;
  let exitCode = -1;
  for await (const event of seen.events({ lossless: true })) {
    if (event.kind === "failed") throw new Error(event.message);
    is(event.kind === "gap" ? event.fromSeq : event.seq, next, "nothing is left out without a word");
    next = (event.kind === "gap" ? event.toSeq : event.seq) + 1;
    if (event.kind === "exited") exitCode = event.exitCode;
    if (event.kind === "output" && cuts < 3 && next > 20 * (cuts + 1)) {
      cuts++;
      proxy.cut();
    }
  }
  ok(cuts > 0);
  is(exitCode, 3);
});
