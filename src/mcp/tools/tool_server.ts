// The package's own map of its files leads to no types of this name.
// @ts-types="@modelcontextprotocol/sdk/server/mcp"
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol";
import type { CallToolResult, ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types";
import { TOOL_PROGRESS_MS } from "../../limits.ts";
import { version } from "../../version.ts";
import type { Confinement } from "./confinement.ts";
import { copyTool, readFileTool, writeFileTool } from "./file_tools.ts";
import { FollowedCommands } from "./followed_commands.ts";
import { listTool } from "./list_tool.ts";
import { readTool, screenTool, signalTool, writeTool } from "./process_tools.ts";
import { runTool, startTool } from "./run_tools.ts";
import type { Tool, ToolCall, ToolDomain } from "./tool.ts";
import type { ToolMachines } from "./tool_machines.ts";

/** Every tool, in the order in which a model is told of them. */
const tools: readonly Tool[] = [
  runTool,
  startTool,
  readTool,
  writeTool,
  screenTool,
  signalTool,
  listTool,
  readFileTool,
  writeFileTool,
  copyTool,
];

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** An MCP server of tools that work on machines. */
export function toolServer(machines: ToolMachines, confinement: Confinement): McpServer {
  const server = new McpServer(
    { name: "exec-server", title: "Commands and files of machines", version },
    { instructions: instructions(machines, confinement) },
  );
  const domain: ToolDomain = { machines, commands: new FollowedCommands(machines, confinement) };
  for (const tool of tools) {
    if (confinement.isReadOnly && !tool.isReadOnly) continue;
    server.registerTool(tool.name, {
      title: tool.title,
      description: tool.description,
      inputSchema: tool.input,
      annotations: {
        readOnlyHint: tool.isReadOnly,
        destructiveHint: tool.isDestructive,
        openWorldHint: !tool.isReadOnly,
      },
    }, (input: Record<string, unknown>, extra: Extra) => answer(tool, input, extra, domain));
  }
  return server;
}

async function answer(
  tool: Tool,
  input: Record<string, unknown>,
  extra: Extra,
  domain: ToolDomain,
): Promise<CallToolResult> {
  try {
    const content = await tool.run(input, toolCall(extra), domain);
    return { content: typeof content === "string" ? [{ type: "text", text: content }] : [...content] };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { content: [{ type: "text", text }], isError: true };
  }
}

function toolCall({ signal, _meta, sendNotification }: Extra): ToolCall {
  const progressToken = _meta?.progressToken;
  return {
    signal,
    progress(say) {
      if (progressToken === undefined) return { [Symbol.dispose]: () => {} };
      const began = performance.now();
      const timer = setInterval(() => {
        const progress = Math.round((performance.now() - began) / 1_000);
        const params = { progressToken, progress, message: say() };
        sendNotification({ method: "notifications/progress", params }).catch(() => {});
      }, TOOL_PROGRESS_MS);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

function instructions(
  { choices: { defaultName } }: ToolMachines,
  { isReadOnly, sandbox }: Confinement,
): string {
  const parts = [
    isReadOnly
      ? "Tools to look at the processes and files of machines."
      : "Tools to run commands, and to work with the processes and files of machines.",
    "`list` tells which machines there are.",
    defaultName === undefined
      ? "Each call needs the name of one."
      : `Where none is named, "${defaultName}" is meant.`,
  ];
  if (sandbox) parts.push(`Commands and changes of files are confined to a sandbox (${sandbox.mode}).`);
  return parts.join(" ");
}
