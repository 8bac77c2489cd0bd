/**
 * Uses an MCP server on the machine of the server at a URL, from whatever runtime this program runs on, and prints what
 * it saw as JSON: `client_program.ts URL NODE MCP_SERVER`.
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { Client } from "@modelcontextprotocol/sdk/client";
import { McpExecTransport } from "../../../src/mcp/mcp_transport.ts";
import { RemoteBackend } from "../../../src/machine/remote/remote_backend.ts";
import { ExecServerClient } from "../../../src/client/client.ts";
import { webSocketConnector } from "../../../src/transport/websocket_transport.ts";

if (!("toBase64" in Uint8Array.prototype)) {
  // Node 20 and 22 lack what the client needs.
  Object.assign(Uint8Array, { fromBase64: (text: string) => new Uint8Array(Buffer.from(text, "base64")) });
  Object.assign(Uint8Array.prototype, {
    toBase64(this: Uint8Array): string {
      return Buffer.from(this.buffer, this.byteOffset, this.byteLength).toString("base64");
    },
  });
}

const [url, ...argv] = process.argv.slice(2);
const connection = await ExecServerClient.connect(webSocketConnector(url!));
const transport = new McpExecTransport(new RemoteBackend(connection), { argv });
const client = new Client({ name: "test", version: "1.0.0" });
const errors: string[] = [];
client.onerror = ({ message }) => void errors.push(message);
await client.connect(transport);
const message = "ä€🙂 ".repeat(100_000);
const { content } = await client.callTool({ name: "echo", arguments: { message } });
await client.close();
connection.close();
const [{ text }] = content as [{ text: string }];
const seen = { isEcho: text === `Echo: ${message}`, stderr: transport.stderr(), errors };
process.stdout.write(`${JSON.stringify(seen)}\n`);
