/** MCP servers under test: real ones, used by the real client of the SDK through a backend. */
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, type ClientOptions } from "@modelcontextprotocol/sdk/client";
import type { ExecBackend } from "../../src/machine/exec_backend.ts";
import { type McpExecOptions, McpExecTransport, type McpServerCommand } from "../../src/mcp/mcp_transport.ts";
import { pidsWith } from "./proc.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** Absolute path of Node, which the servers run on. */
export const node = (Deno.env.get("PATH") ?? "").split(delimiter)
  .map((folder) => join(folder, "node")).find((file) => existsSync(file)) ?? "node";

/** The programs of the servers. */
export const mcpServers = {
  everything: path("tests/node_modules/@modelcontextprotocol/server-everything/dist/index.js"),
  filesystem: path("tests/node_modules/@modelcontextprotocol/server-filesystem/dist/index.js"),
  awkward: path("tests/behaviour/mcp/awkward_server.mjs"),
} as const;

/** How a session is begun. */
export interface McpSessionOptions extends McpExecOptions {
  /** Arguments of the server. */
  readonly args?: readonly string[];
  /** What else its command says. */
  readonly command?: Partial<McpServerCommand>;
  /** What the client can do. */
  readonly capabilities?: ClientOptions["capabilities"];
  /** What is done to the client before it connects. */
  readonly prepare?: (client: Client) => void;
}

/** A client that is connected to a server of its own; `await using` closes it. */
export class McpSession implements AsyncDisposable {
  readonly client: Client;
  readonly transport: McpExecTransport;
  /** What `onerror` was told. */
  readonly errors: Error[] = [];
  /** How often `onclose` was told. */
  closes = 0;
  /** Resolves at the first of them. */
  readonly closed: Promise<void>;
  /** A variable that only this server and its children have. */
  readonly #mark = `MCP_MARK=${crypto.randomUUID()}`;

  /** Begins nothing yet. */
  constructor(backend: ExecBackend, server: keyof typeof mcpServers, options: McpSessionOptions = {}) {
    const { args = [], command = {}, capabilities = {}, prepare, ...rest } = options;
    const [name, value] = this.#mark.split("=") as [string, string];
    const argv = [node, mcpServers[server], ...args];
    const env = { ...command.env, [name]: value };
    this.transport = new McpExecTransport(backend, { argv, cwd: "/tmp", ...command, env }, rest);
    this.client = new Client({ name: "test", version: "1.0.0" }, { capabilities });
    this.client.onerror = (error) => void this.errors.push(error);
    this.closed = new Promise((resolve) => {
      this.client.onclose = () => {
        this.closes++;
        resolve();
      };
    });
    prepare?.(this.client);
  }

  /** Starts a server and connects to it. */
  static async open(
    backend: ExecBackend,
    server: keyof typeof mcpServers,
    options: McpSessionOptions = {},
  ): Promise<McpSession> {
    const session = new McpSession(backend, server, options);
    await session.client.connect(session.transport);
    return session;
  }

  /** Calls a tool. @returns the text of its answer */
  async call(name: string, args: Record<string, unknown> = {}): Promise<string> {
    return textOfResult(await this.client.callTool({ name, arguments: args }));
  }

  /** The processes of the server and its children that are alive. */
  pids(): number[] {
    return pidsWith(this.#mark);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** The text in the answer of a tool. */
export function textOfResult(result: Awaited<ReturnType<Client["callTool"]>>): string {
  const content = result.content as { type: string; text?: string }[];
  return content.map(({ text }) => text ?? "").join("");
}
