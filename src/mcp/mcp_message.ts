import { MCP_QUOTE_CHARS } from "../limits.ts";

/** A JSON-RPC message of MCP: a request, a response or a notification. */
export interface McpMessage {
  readonly jsonrpc: "2.0";
  readonly id?: string | number | undefined;
  readonly method?: string | undefined;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** An MCP server ended although nobody asked it to. */
export class McpServerExitError extends Error {
  override readonly name = "McpServerExitError";
  /** 0 to 255, or 128 + N for death by signal N. */
  readonly exitCode: number;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;

  constructor(program: string, exitCode: number, stderr: string) {
    const words = stderr.trimEnd().slice(-MCP_QUOTE_CHARS);
    super(
      `The MCP server "${program}" ended with exit code ${exitCode}${words && `; its stderr ends: ${words}`}`,
    );
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** @returns the message of a line, or undefined where it holds none */
export function parseMcpMessage(line: string): McpMessage | undefined {
  try {
    const value = JSON.parse(line);
    return value?.jsonrpc === "2.0" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The beginning of a text in quotes, on one line. */
export function quote(text: string): string {
  const shown = text.length > MCP_QUOTE_CHARS ? `${text.slice(0, MCP_QUOTE_CHARS)}...` : text;
  return JSON.stringify(shown);
}
