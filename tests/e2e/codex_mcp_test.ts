/** `exec-server mcp` as an MCP server of the real Codex CLI's configuration. */
import assert from "node:assert/strict";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { runCodex } from "./codex_cli.ts";
import { mcpTool } from "./mock_model.ts";

Deno.test("Codex runs commands and writes files by the tools of exec-server mcp", async () => {
  await using folder = new TempFolder();
  await using server = await startServer({ args: ["--log-level", "off"], cwd: folder.path });
  const [program, ...args] = [...serverCommand(), "mcp", "--url", server.url];
  const run = await runCodex({
    serverUrl: server.url,
    directory: folder.path,
    // Its own commands would run here: the CLI is as most people have it.
    env: { CODEX_EXEC_SERVER_URL: "" },
    config: [
      `mcp_servers.build={command=${JSON.stringify(program)},args=${JSON.stringify(args)},required=true}`,
    ],
    script: [
      [mcpTool("ran", "build", "run", { command: "echo grüße; pwd; exit 3" })],
      [mcpTool("wrote", "build", "write_file", { path: "sub/a.txt", text: "written" })],
      [mcpTool("read", "build", "read_file", { path: "sub/a.txt" })],
      [mcpTool("refused", "build", "run", { command: "true", machine: "elsewhere" })],
    ],
  });
  assert.equal(run.exitCode, 0);
  assert.match(run.output("ran"), /p1 on 127\.0\.0\.1 ended with status 3/);
  assert.ok(run.output("ran").includes(`grüße\n${folder.path}\n`), run.output("ran"));
  assert.match(run.output("read"), /written/);
  assert.match(run.output("refused"), /There is no machine "elsewhere": there are 127\.0\.0\.1/);
  assert.equal(await Deno.readTextFile(`${folder.path}/sub/a.txt`), "written");
});
