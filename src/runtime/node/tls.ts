/** TLS of `node:https`, for Deno and Node. */
import { createServer, type Server, type ServerOptions } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { TLS_HANDSHAKE_MS } from "../../limits.ts";
import type { Logger } from "../../observe/logger.ts";
import { certificateNames } from "../../tls/certificate_names.ts";
import type { TlsCredentials, TlsSource } from "../../tls/credentials.ts";

export { createServer };

/** What `node:https` is given, when it begins and whenever they are renewed: what is left out then is taken back. */
export function tlsOptions({ cert, key, clientCa }: TlsCredentials): ServerOptions {
  return {
    cert,
    key,
    minVersion: "TLSv1.2",
    handshakeTimeout: TLS_HANDSHAKE_MS,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}

/**
 * Has a server take up renewed credentials, and tell of handshakes that fail.
 *
 * @returns ends that
 */
export function followCredentials(server: Server, source: TlsSource, logger: Logger): () => void {
  const renew = (credentials: TlsCredentials) => server.setSecureContext(tlsOptions(credentials));
  source.renewed.add(renew);
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    // Deno leaves it open, also where a handshake has taken too long.
    socket.destroy();
    logger.info("connection refused", { reason: `no TLS handshake: ${error.message}` });
  });
  return () => source.renewed.delete(renew);
}

/** The names in the certificate that the client of a request has shown. */
export function clientNames(context: Context): readonly string[] {
  const { incoming } = context.env as HttpBindings;
  const der = (incoming as IncomingMessage & { socket: Socket & Partial<TLSSocket> }).socket
    .getPeerCertificate?.()
    ?.raw;
  return der === undefined ? [] : certificateNames(der);
}
