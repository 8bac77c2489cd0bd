import { statSync } from "node:fs";
import process from "node:process";
import { checkClientTls, type ClientTls } from "../transport/client_tls.ts";
import { readText } from "./read_token.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of what a client trusts and shows by TLS. */
export const clientTlsFlags = {
  "tls-ca": {
    value: "FILE",
    group: "Where",
    complete: "files",
    help: "Authorities of wss:// servers, in PEM, instead of the usual ones; $EXEC_SERVER_TLS_CA by default",
  },
  "tls-cert": {
    value: "FILE",
    group: "Where",
    complete: "files",
    help: "The certificate for a wss:// server that asks for one, in PEM; $EXEC_SERVER_TLS_CERT by default",
  },
  "tls-key": {
    value: "FILE",
    group: "Where",
    complete: "files",
    help: "Its private key, which nobody else may read; $EXEC_SERVER_TLS_KEY by default",
  },
} as const;

type TlsFlag = keyof typeof clientTlsFlags;

/** What was given for them. */
export type ClientTlsChoice = { readonly [Name in TlsFlag]?: string | undefined };

/** Variables that stand for the flags. */
const variables: Readonly<Record<TlsFlag, string>> = {
  "tls-ca": "EXEC_SERVER_TLS_CA",
  "tls-cert": "EXEC_SERVER_TLS_CERT",
  "tls-key": "EXEC_SERVER_TLS_KEY",
};

/**
 * What is trusted and shown at a server, by the flags and the variables. Variables mean nothing where nothing is encrypted.
 *
 * @param url undefined for a server without one
 * @throws {UsageError} for files that cannot be used, and for flags where nothing is encrypted
 */
export function readClientTls(choice: ClientTlsChoice, url: string | undefined): ClientTls | undefined {
  if (url === undefined || !/^wss:/i.test(url)) {
    const given = (Object.keys(variables) as TlsFlag[]).find((flag) => choice[flag] !== undefined);
    if (given === undefined) return undefined;
    throw new UsageError(`--${given} is for a server at wss://, which this one is not`);
  }
  const tls = { ca: read(choice, "tls-ca"), cert: read(choice, "tls-cert"), key: read(choice, "tls-key") };
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new UsageError("A certificate and its key go together: --tls-cert FILE --tls-key FILE");
  }
  try {
    checkClientTls(url, tls);
  } catch (error) {
    throw new UsageError(inWordsOfFlags(error as Error), { cause: error });
  }
  return tls;
}

function read(choice: ClientTlsChoice, flag: TlsFlag): string | undefined {
  const path = choice[flag] ?? (process.env[variables[flag]] || undefined);
  if (path === undefined) return undefined;
  const text = readText(flag, path);
  if (flag === "tls-key") refuseOpenKey(path);
  return text;
}

function refuseOpenKey(path: string): void {
  if (process.platform === "win32" || (statSync(path).mode & 0o077) === 0) return;
  throw new UsageError(`--tls-key: others than its owner may open "${path}": chmod 600 it`);
}

function inWordsOfFlags({ message }: Error): string {
  return message.replace(/\btls\.(ca|cert|key)\b/g, "--tls-$1");
}
