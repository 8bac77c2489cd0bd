import { readFile } from "node:fs/promises";
import * as tls from "node:tls";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import { failed } from "../native/operation_error.ts";
import type { Variables } from "./environment_header.ts";

/**
 * The certificate authorities an https server's certificate is checked against: the runtime's, the operating
 * system's, and those in the PEM file that `CODEX_CA_CERTIFICATE` or else `SSL_CERT_FILE` names.
 *
 * @returns undefined where the runtime's own are all there are: naming them again costs 15 ms a connection
 * @throws {OperationError} FAILED when the file cannot be read
 */
export async function authoritiesFor(environment: Variables): Promise<string[] | undefined> {
  const own = certificatesOf("default");
  const known = new Set(own.map(fingerprint));
  const more = [...await fileAuthorities(environment), ...systemAuthorities()]
    .filter((certificate) => !known.has(fingerprint(certificate)));
  return more.length === 0 ? undefined : [...own, ...more];
}

/** None where the system's store cannot be read: Deno looks for it where `SSL_CERT_FILE` says. */
function systemAuthorities(): readonly string[] {
  try {
    return certificatesOf("system");
  } catch {
    return [];
  }
}

/** Node 20 cannot tell: there, those it was built with are all that is known. */
function certificatesOf(store: "default" | "system"): readonly string[] {
  if (tls.getCACertificates !== undefined) return tls.getCACertificates(store);
  return store === "default" ? tls.rootCertificates : [];
}

async function fileAuthorities(environment: Variables): Promise<string[]> {
  const name = ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"].find((name) => environment[name]);
  if (name === undefined) return [];
  const path = environment[name]!;
  const text = await readFile(path, "utf8").catch((error) => {
    const code = osErrorCode(error);
    throw failed(
      `http/request failed: Failed to read CA certificate file ${path} selected by ${name}: ` +
        (code === undefined ? String(error) : osErrorText(code)),
      { cause: error },
    );
  });
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** What makes two PEM texts the same certificate: line ends may differ. */
function fingerprint(certificate: string): string {
  return certificate.replace(/\s+/g, "");
}
