/** MCP servers that the CLI reaches through the exec-server. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { answerMcp } from "../mcp_server.ts";
import { mcpTool } from "../mock_model.ts";
import type { Scenario } from "../scenario.ts";

const program = fileURLToPath(new URL("../mcp_server.ts", import.meta.url));

export const mcpServers: Scenario[] = [
  {
    name: "an MCP server that is started as a process",
    surface: "process",
    config({ directory }) {
      const arguments_ = JSON.stringify(["run", "-A", "--quiet", "--no-config", program]);
      return [
        `mcp_servers.parrot={command="${Deno.execPath()}",args=${arguments_},cwd="${directory}",` +
        `environment_id="remote",env={PARROT="Polly"}}`,
      ];
    },
    script: () => [
      [mcpTool("first", "parrot", "say", { text: "Grüße" })],
      [mcpTool("second", "parrot", "say", { text: "x".repeat(100_000) })],
    ],
    check(run, { directory }) {
      assert.match(run.output("first"), /Output:\nGrüße, says Polly in /);
      assert.ok(run.output("first").endsWith(`says Polly in ${directory}`));
      assert.match(run.output("second"), /Output:\n100000 letters, says Polly in /);
    },
  },
  {
    name: "an MCP server that is reached over HTTP",
    surface: "http",
    config({ cleanup }) {
      const server = cleanup.use(serveMcp());
      return [`mcp_servers.parrot={url="http://127.0.0.1:${server.addr.port}/mcp",environment_id="remote"}`];
    },
    script: () => [
      [mcpTool("first", "parrot", "say", { text: "Grüße" })],
      [mcpTool("second", "parrot", "say", { text: "x".repeat(100_000) })],
    ],
    check(run) {
      assert.match(run.output("first"), /Output:\nGrüße, says the web$/);
      assert.match(run.output("second"), /Output:\n100000 letters, says the web$/);
    },
  },
];

function serveMcp(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    // The client offers to listen for the server's own messages; there are none.
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const answer = answerMcp(await request.json(), "says the web");
    return answer ? Response.json(answer) : new Response(null, { status: 202 });
  });
}
