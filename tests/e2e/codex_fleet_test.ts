/** The real Codex CLI at a host of a fleet, by a gateway. */
import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import { delay } from "@std/async/delay";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { RunningCommand } from "../support/command.ts";
import { TestHost } from "../support/fleet.ts";
import { serverRuntime } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { runCodex } from "./codex_cli.ts";
import { execCommand } from "./mock_model.ts";

Deno.test({
  name: "Codex is told the same of a command when the broker is killed in its middle",
  // A gateway's own part is the same on every runtime, and the behaviours of fleets are tried on each.
  ignore: !hasBroker || serverRuntime() !== "deno",
  async fn() {
    await using broker = await TestBroker.start();
    await using _host = await TestHost.start(broker, "web");
    await using gateway = new RunningCommand(["gateway"], { env: { EXEC_SERVER_FLEET: broker.url } });
    const [url] = await gateway.until(/ws:\/\/\S+/);
    const turn = async (inItsMiddle: () => Promise<void>) => {
      await using folder = new TempFolder();
      const command =
        "seq 1 300; touch begun; while [ ! -e goes-on ]; do sleep 0.05; done; seq 301 600; exit 3";
      const turn = runCodex({
        serverUrl: `${url}/hosts/web`,
        directory: folder.path,
        script: [[execCommand("long", command, { yield_time_ms: 30_000 })]],
      });
      const middle = (async () => {
        while (!(await exists(join(folder.path, "begun")))) await delay(20);
        await inItsMiddle();
        await folder.write("goes-on", "");
      })();
      const [run] = await Promise.all([turn, middle]);
      return run.command("long");
    };
    const undisturbed = await turn(() => Promise.resolve());
    const disturbed = await turn(async () => {
      await broker.kill();
      await broker.start();
    });
    deepEqual(disturbed, undisturbed);
    deepEqual([undisturbed.exitCode, undisturbed.output.endsWith("\n600\n")], [3, true]);
  },
});

function exists(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
