import type { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import process from "node:process";
import { CERTIFICATE_FILE_BYTES } from "../limits.ts";
import { failureText } from "../native/os_errors.ts";
import { checkChain, checkDates, checkKey, readCertificates, readKey } from "./check_credentials.ts";
import { CertificateError, type TlsCredentials } from "./credentials.ts";

/** Where credentials lie. */
export interface TlsPaths {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

/** What was read, all of which fits together. */
export interface ReadCredentials {
  readonly credentials: TlsCredentials;
  readonly leaf: X509Certificate;
}

/**
 * Reads and checks credentials.
 *
 * @throws {CertificateError} that says which file is wrong and what helps
 */
export async function readTlsFiles(paths: TlsPaths): Promise<ReadCredentials> {
  const cert = await readPem(paths.cert);
  const key = await readKeyFile(paths.key);
  const clientCa = paths.clientCa === undefined ? undefined : await readPem(paths.clientCa);
  const chain = readCertificates(cert, quoted(paths.cert));
  checkKey(chain[0], readKey(key, quoted(paths.key)), quoted(paths.key));
  checkChain(chain, quoted(paths.cert));
  checkDates(chain[0], quoted(paths.cert));
  if (clientCa !== undefined) readCertificates(clientCa, quoted(paths.clientCa!));
  return { credentials: { cert, key, clientCa }, leaf: chain[0] };
}

/** The text of a PEM file. @throws {CertificateError} where it cannot be read, or is no such file */
export async function readPem(path: string): Promise<string> {
  return (await readWithMode(path)).text;
}

/** The same of a private key, which must be its owner's alone. */
export async function readKeyFile(path: string): Promise<string> {
  const { text, mode } = await readWithMode(path);
  if (process.platform === "win32" || (mode & 0o077) === 0) return text;
  throw new CertificateError(`others than its owner may open the key in ${quoted(path)}`, "chmod 600 it");
}

/** What tells one state of some files from the next: tools renew by putting a new file in the place of the old one. */
export async function stateOfFiles(paths: TlsPaths): Promise<string> {
  const names = [paths.cert, paths.key, ...(paths.clientCa === undefined ? [] : [paths.clientCa])];
  const states = await Promise.all(names.map(async (name) => {
    const { ino, mtimeMs, size } = await stat(name);
    return `${ino} ${mtimeMs} ${size}`;
  }));
  return states.join("\n");
}

async function readWithMode(path: string): Promise<{ text: string; mode: number }> {
  try {
    const stats = await stat(path);
    // A pipe would be waited for, and a device never end.
    if (!stats.isFile() || stats.size > CERTIFICATE_FILE_BYTES) {
      throw new CertificateError(`${quoted(path)} is no PEM file`, "give one");
    }
    return { text: await readFile(path, "latin1"), mode: stats.mode };
  } catch (cause) {
    if (cause instanceof CertificateError) throw cause;
    const reason = `cannot read ${quoted(path)}: ${failureText(cause)}`;
    throw new CertificateError(reason, "give a file that this user may read", { cause });
  }
}

function quoted(path: string): string {
  return `"${path}"`;
}
