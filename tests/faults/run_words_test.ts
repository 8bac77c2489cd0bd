/** What `run` says to a person whose connection is lost. */
import { strictEqual as is } from "node:assert/strict";
import { RunningCommand } from "../support/command.ts";
import { startServer } from "../support/server_process.ts";
import { FaultProxy } from "./fault_proxy.ts";

Deno.test("run tells that the connection is lost and is back, and the first Ctrl-C ends it meanwhile", async () => {
  await using server = await startServer({ args: ["--log-level", "off"] });
  const proxy = await FaultProxy.listen(server.url);
  await using running = new RunningCommand([
    "run",
    "--url",
    proxy.url,
    "--",
    "sh",
    "-c",
    "echo begun; exec sleep 1000",
  ]);
  await running.until(/begun/);
  proxy.cut();
  await running.until(/exec-server: connection lost, getting it back \.\.\. \(Ctrl-C ends\)\n/, "stderr");
  await running.until(/exec-server: connected again\n/, "stderr");
  await proxy[Symbol.asyncDispose]();
  await running.until(/connected again\n[\s\S]*connection lost/, "stderr");
  running.kill("SIGINT");
  is((await running.ended()).code, 130);
});
