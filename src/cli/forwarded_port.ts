import { UsageError } from "./usage_error.ts";

/** A port of a server, and where it is listened for on this machine. */
export interface ForwardedPort {
  /** The address to listen on. */
  readonly address: string;
  /** The port to listen on; 0 for any that is free. */
  readonly local: number;
  /** The host as the server knows it; undefined for the server itself. */
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * What a word of a command line forwards: `PORT`, `LOCAL:PORT`, `ADDRESS:LOCAL:PORT`, `LOCAL:HOST:PORT` or
 * `ADDRESS:LOCAL:HOST:PORT`, as ssh -L has it.
 *
 * @throws {UsageError} for anything else
 */
export function forwardedPort(word: string): ForwardedPort {
  const parts = partsOf(word);
  const port = parts.pop();
  // Of three, the middle one tells: a port to listen on, or a host.
  const hasHost = parts.length === 3 || (parts.length === 2 && !isPort(parts[1]!) && isPort(parts[0]!));
  const host = hasHost ? parts.pop() : undefined;
  const local = parts.length === 0 ? port : parts.pop();
  const address = parts.pop() ?? "127.0.0.1";
  if (!isPort(port) || Number(port) === 0 || !isPort(local) || host === "" || address === "") {
    throw new UsageError(
      `"${word}" names no port: PORT, LOCAL:PORT, ADDRESS:LOCAL:PORT or LOCAL:HOST:PORT is expected`,
    );
  }
  return {
    address: address === "localhost" ? "127.0.0.1" : address,
    local: Number(local),
    host,
    port: Number(port),
  };
}

/** What is between the colons; an address of IPv6 is in brackets. None for what has too many. */
function partsOf(word: string): string[] {
  const addresses: string[] = [];
  const marked = word.replace(/\[([^[\]]+)\]/g, (_, address) => `[${addresses.push(address) - 1}]`);
  const parts = marked.split(":").map((part) => part.replace(/^\[(\d+)\]$/, (_, at) => addresses[at]!));
  return parts.length > 4 || parts.some((part) => /[[\]]/.test(part)) ? [] : parts;
}

/** Nothing stands for any port. */
function isPort(text: string | undefined): boolean {
  return text !== undefined && (text === "" || (/^\d{1,5}$/.test(text) && Number(text) <= 65_535));
}
