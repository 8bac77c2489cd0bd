import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../scripts/places.ts";
import { version } from "../../src/version.ts";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { otherNode, run } from "./installed.ts";

const node = await otherNode();

Deno.test({
  name: "the file for Node is a server behind pipes, which says that it has no terminals",
  ignore: node.length === 0,
  fn: async () => {
    await using folder = new TempFolder();
    const flags = ["--with", "node", "--no-archive", "--out", folder.path];
    await run(Deno.execPath(), ["run", "-A", "--quiet", "scripts/compile.ts", ...flags], { cwd: root });
    const command = [...node, join(folder.path, `exec-server-${version}-node.mjs`)];
    assert.match(await run(command[0]!, [...command.slice(1), "--version"]), /, node 22\./);

    await using server = await startServer({ command: [...command, "serve"] });
    const client = await openClient(server.url);
    const shell = await client.start(
      startParams("shell", ["sh", "-c", "cat; echo err >&2; exit 3"], { pipeStdin: true }),
    );
    await client.call("process/write", { processId: "shell", chunk: btoa("hi"), writeId: "1" });
    await client.call("process/closeStdin", { processId: "shell" });
    const { exitCode, stdout, stderr } = await collect(shell);
    assert.deepEqual([exitCode, textOf(stdout), textOf(stderr)], [3, "hi", "err\n"]);
    assert.deepEqual([client.can("processList"), client.can("processResize")], [true, false]);
    await assert.rejects(
      client.start(startParams("terminal", ["true"], { tty: true })),
      /Node has no terminals/,
    );
    client.close();
  },
});
