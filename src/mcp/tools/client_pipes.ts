import type { Transport } from "@modelcontextprotocol/sdk/shared/transport";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types";
import type { StdioSocket } from "../../transport/stdio_socket.ts";
import { parseMcpMessage } from "../mcp_message.ts";

/** The client of an MCP server, at the other end of a pair of pipes. Its going ends the server. */
export class ClientPipes implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #socket: StdioSocket;
  #closed = false;

  constructor(socket: StdioSocket) {
    this.#socket = socket;
  }

  start(): Promise<void> {
    this.#socket.handlers = {
      onMessage: (text) => this.#receive(text),
      onGarbage: (reason) => this.onerror?.(new Error(reason)),
      onBinary: () => {},
      onPong: () => {},
      onDrain: () => {},
      onClose: () => this.#end(),
    };
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#socket.send(JSON.stringify(message));
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#socket.close();
    this.#end();
    return Promise.resolve();
  }

  #receive(text: string): void {
    const message = parseMcpMessage(text);
    if (message) this.onmessage?.(message as JSONRPCMessage);
    else this.onerror?.(new Error("A line is no message"));
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }
}
