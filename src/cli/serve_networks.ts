import { UsageError } from "./usage_error.ts";

/** Flags of how a server looks after the networks of processes. */
export const networkFlags = {
  "linux-sandbox-transparent-tcp": {
    help:
      "Catch every TCP connection of a process whose network is enforced, also where its client does not ask for that",
  },
  "tcp-upstream-proxy": {
    value: "HOST:PORT",
    help: "An HTTP proxy that takes CONNECT, by which TCP leaves that comes by SOCKS or was caught",
  },
} as const;

/** What the flags say. */
export interface NetworkFlags {
  readonly "linux-sandbox-transparent-tcp": boolean;
  readonly "tcp-upstream-proxy": string | undefined;
}

/** How a server is to look after the networks of processes. */
export interface ProcessNetworks {
  readonly catchesAll: boolean;
  readonly upstream: { readonly host: string; readonly port: number } | undefined;
}

/** @throws {UsageError} for what names no proxy */
export function readNetworks(flags: NetworkFlags): ProcessNetworks {
  const { "tcp-upstream-proxy": text } = flags;
  return {
    catchesAll: flags["linux-sandbox-transparent-tcp"],
    upstream: text === undefined ? undefined : readUpstream(text),
  };
}

function readUpstream(text: string): { host: string; port: number } {
  const [, address, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new UsageError(`--tcp-upstream-proxy takes HOST:PORT, such as proxy.example.com:3128, not "${text}"`);
}
