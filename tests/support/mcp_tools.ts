/** `exec-server mcp` under test, driven by the official client. */
import { Client } from "@modelcontextprotocol/sdk/client";
// The package's own map of its files leads to no types of this name.
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { commandSurroundings, serverCommand } from "./server_process.ts";

/** What a tool answered. */
export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
  readonly content: readonly { readonly type: string; readonly text?: string; readonly data?: string }[];
}

/** How one call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly message?: string }) => void;
}

/** A session of an agent; `await using` ends it. */
export interface McpTools extends AsyncDisposable {
  readonly client: Client;
  /** Calls a tool. */
  call(name: string, input?: Record<string, unknown>, options?: CallOptions): Promise<ToolAnswer>;
  /** Ends the server's input, and waits until it has ended. */
  close(): Promise<void>;
}

/** Starts it. */
export async function startMcpTools(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<McpTools> {
  const [program, ...first] = serverCommand();
  const surroundings = commandSurroundings();
  const transport = new StdioClientTransport({
    command: program!,
    args: [...first, "mcp", ...args],
    env: { ...surroundings.env ?? Deno.env.toObject(), CODEX_HOME: "/", ...env },
    cwd: surroundings.cwd ?? Deno.cwd(),
    stderr: "inherit",
  });
  const client = new Client({ name: "an agent", version: "1.0.0" });
  await client.connect(transport);
  return {
    client,
    async call(name, input = {}, options = {}) {
      const answer = await client.callTool({ name, arguments: input }, undefined, options);
      const content = answer.content as ToolAnswer["content"];
      return {
        content,
        isError: answer.isError === true,
        text: content.map(({ text }) => text ?? "").join(""),
      };
    },
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
