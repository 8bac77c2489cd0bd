import { readFileSync } from "node:fs";
import process from "node:process";
import * as nodeTls from "node:tls";
import { checkKey, readCertificates, readKey } from "../tls/check_credentials.ts";
import { CertificateError } from "../tls/credentials.ts";

/** What a client trusts and shows by TLS, each as PEM text. */
export interface ClientTls {
  /** The authorities of servers, in place of the platform's own. */
  readonly ca?: string | undefined;
  /** The client's certificate, and behind it those that lead to its authority. */
  readonly cert?: string | undefined;
  /** The certificate's private key, not encrypted. */
  readonly key?: string | undefined;
}

/** @throws {TypeError} for what cannot be trusted or shown, and where nothing is encrypted */
export function checkClientTls(url: string, tls: ClientTls): void {
  const { ca, cert, key } = tls;
  if ([ca, cert, key].every((text) => text === undefined)) return;
  if (!isSecure(url)) throw new TypeError(`tls is for servers at wss://, not for "${url}"`);
  if ((cert === undefined) !== (key === undefined)) throw new TypeError("tls.cert and tls.key go together");
  try {
    if (ca !== undefined) readCertificates(ca, "tls.ca");
    if (cert !== undefined) {
      checkKey(readCertificates(cert, "tls.cert")[0], readKey(key!, "tls.key"), "tls.key");
    }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new TypeError(error.message, { cause: error });
  }
}

/** The options of a connection. Whatever is left out is the platform's own. */
export function tlsOptionsTo(url: string, { ca, cert, key }: ClientTls): object {
  if (!isSecure(url)) return {};
  const trusted = ca ?? withCertificateFile();
  return { ...(trusted === undefined ? {} : { ca: trusted }), ...(cert === undefined ? {} : { cert, key }) };
}

/**
 * What SSL_CERT_FILE adds, as other programs have it, to what is trusted anyhow; undefined where it is not set. Deno and Node
 * pay no heed to it.
 */
function withCertificateFile(): string[] | undefined {
  const { SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: extra } = process.env;
  if (!file) return undefined;
  return [...platformAuthorities(), ...[file, extra].filter((name) => name).map(readIfThere)];
}

/** Node 20 tells only of those that it was built with. */
function platformAuthorities(): readonly string[] {
  return nodeTls.getCACertificates?.("default") ?? nodeTls.rootCertificates;
}

function readIfThere(path: string | undefined): string {
  try {
    return readFileSync(path!, "latin1");
  } catch {
    return "";
  }
}

function isSecure(url: string): boolean {
  return /^wss:/i.test(url);
}
