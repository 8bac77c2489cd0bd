import { connect as connectPlain, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectSecure, type ConnectionOptions } from "node:tls";
import type { Variables } from "./environment_header.ts";
import { bareHost } from "./proxy.ts";
import { authoritiesFor } from "./trust.ts";
import { openTunnel } from "./tunnel.ts";

/**
 * A connection to the server of a URL, or to the proxy that is asked in its place.
 *
 * @throws when it cannot be had, or with the signal's reason. After that the signal destroys it, with its reason
 */
export async function openConnection(
  url: URL,
  proxy: URL | undefined,
  environment: Variables,
  signal: AbortSignal,
): Promise<Duplex> {
  if (url.protocol === "http:") {
    const peer = proxy ?? url;
    const options = { host: bareHost(peer), port: Number(peer.port || 80), noDelay: true };
    return await whenReady(connectPlain(options), "connect", signal);
  }
  const ca = await authoritiesFor(environment);
  signal.throwIfAborted();
  const host = bareHost(url);
  const options: ConnectionOptions = {
    host,
    servername: servername(host),
    ALPNProtocols: ["http/1.1"],
    ...(ca ? { ca } : {}),
    ...(proxy ? { socket: await openTunnel(url, proxy, signal) } : { port: Number(url.port || 443) }),
  };
  if (signal.aborted) options.socket?.destroy();
  signal.throwIfAborted();
  return await whenReady(connectSecure(options), "secureConnect", signal);
}

/** The name a certificate must be for; an address is not told to the server, but checked all the same. */
function servername(host: string): string {
  return isIP(host) === 0 ? host : "";
}

function whenReady<Connection extends Duplex>(
  connection: Connection,
  ready: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => connection.destroy(signal.reason), { once: true });
    if (signal.aborted) connection.destroy(signal.reason);
    // Stays there: an error that nobody hears ends the program.
    connection.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    connection.once(
      "close",
      () => reject(signal.aborted ? signal.reason : new Error("the connection was closed")),
    );
    connection.once(ready, () => resolve(connection));
  });
}
