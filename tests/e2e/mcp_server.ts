/**
 * A small MCP server with one tool, `say`. Run as a program, it speaks over its stdin and stdout;
 * {@linkcode answerMcp} makes it one over HTTP.
 */
import process from "node:process";
import { createInterface } from "node:readline";

interface McpMessage {
  id?: number | string;
  method: string;
  // deno-lint-ignore no-explicit-any -- the client is trusted here; a wrong shape fails the test
  params: any;
}

/** The response to a request; `undefined` to a notification. `signature` ends what the tool says. */
export function answerMcp(message: McpMessage, signature: string): Record<string, unknown> | undefined {
  if (message.id === undefined) return undefined;
  return { jsonrpc: "2.0", id: message.id, ...outcome(message, signature) };
}

function outcome({ method, params }: McpMessage, signature: string): Record<string, unknown> {
  switch (method) {
    case "initialize": {
      const serverInfo = { name: "parrot", version: "1.0.0" };
      return { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo } };
    }
    case "tools/list": {
      const inputSchema = { type: "object", properties: { text: { type: "string" } } };
      return { result: { tools: [{ name: "say", description: "Says it", inputSchema }] } };
    }
    case "tools/call": {
      const { text } = params.arguments;
      // The CLI shortens what is long before the model sees it.
      const said = text.length < 1_000 ? text : `${text.length} letters`;
      return { result: { content: [{ type: "text", text: `${said}, ${signature}` }] } };
    }
    default:
      return { error: { code: -32601, message: `Unknown method "${method}"` } };
  }
}

if (import.meta.main) {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = answerMcp(JSON.parse(line), `says ${process.env.PARROT} in ${process.cwd()}`);
    if (answer) process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}
