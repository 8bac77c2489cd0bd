import { request } from "node:http";
import type { Duplex } from "node:stream";
import { type HeaderLine, toRawHeaders } from "./headers.ts";
import { basicAuthorization } from "./outgoing_request.ts";
import { bareHost } from "./proxy.ts";

/**
 * A connection through a proxy to an https server, before TLS.
 *
 * @throws when the proxy cannot be reached or refuses, or with the signal's reason
 */
export function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Duplex> {
  const authority = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: bareHost(proxy),
      port: proxy.port || 80,
      method: "CONNECT",
      path: authority,
      headers: toRawHeaders([{ name: "Host", value: authority }, ...proxyAuthorization(proxy)]),
      agent: false,
    });
    signal.addEventListener("abort", () => outgoing.destroy(signal.reason), { once: true });
    outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.on("connect", (answer, socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy answered ${answer.statusCode} to CONNECT ${authority}`));
    });
    outgoing.on("response", (answer) => {
      reject(new Error(`the proxy answered ${answer.statusCode} to CONNECT ${authority}`));
      outgoing.destroy();
    });
    outgoing.end();
  });
}

/** The header line that stands for a proxy URL's user information; none where it has none. */
export function proxyAuthorization(proxy: URL): HeaderLine[] {
  const value = basicAuthorization(proxy);
  return value === undefined ? [] : [{ name: "proxy-authorization", value }];
}
