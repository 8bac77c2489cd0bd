import { isIP } from "node:net";
import { socketPath } from "../transport/server_url.ts";
import { UsageError } from "./usage_error.ts";

/** A place to listen, before it is known what is shown there by TLS. */
export type ListenPlace =
  | "stdio"
  | { readonly path: string }
  | { readonly address: string; readonly port: number; readonly isSecure: boolean };

/**
 * Where `--listen` says to listen.
 *
 * @throws {UsageError} for a text that says no place, with the one that it may have meant
 */
export function parseListen(text: string): ListenPlace {
  const place = read(text);
  if (place !== undefined) return place;
  const meant = placeMeant(text.trim());
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new UsageError(
    `--listen takes ws://IP:PORT or wss://IP:PORT with a literal IP address, unix:/PATH, or stdio, not "${text}"${hint}`,
  );
}

function read(text: string): ListenPlace | undefined {
  if (text === "stdio" || text === "stdio://") return "stdio";
  const path = socketPath(text);
  if (path !== undefined) return { path };
  const [, scheme, v4, v6, port] = /^(wss?):\/\/(?:([^[\]:/]+)|\[([^\]]+)\])(?::(\d{1,5}))?\/?$/.exec(text) ??
    [];
  const address = v4 ?? v6 ?? "";
  if (isIP(address) !== (v6 === undefined ? 4 : 6) || Number(port ?? 0) > 65_535) return undefined;
  return { address, port: Number(port ?? 0), isSecure: scheme === "wss" };
}

/** A port, an address without a scheme, one that browsers use, `localhost`, or a path. */
function placeMeant(text: string): string | undefined {
  const scheme = /^(wss|https):/i.test(text) ? "wss" : "ws";
  const address = text.replace(/^(wss?|https?|tcp):(\/\/)?/i, "").replace(
    /^localhost(?=:|\/|$)/i,
    "127.0.0.1",
  );
  const candidates = [
    `${scheme}://${address}`,
    `${scheme}://127.0.0.1:${address.replace(/^:/, "")}`,
    // The usual IPv6 addresses with a port; without brackets they are others of their own.
    address.replace(/^(::1?):(\d{1,5})$/, "ws://[$1]:$2"),
    ...(isIP(address) === 6 ? [`ws://[${address}]`] : []),
    ...(text.startsWith("/") ? [`unix:${text}`] : []),
  ];
  return candidates.find((candidate) => read(candidate) !== undefined);
}
