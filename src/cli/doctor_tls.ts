import { X509Certificate } from "node:crypto";
import {
  type Chain,
  checkChain,
  checkDates,
  checkKey,
  day,
  expiresSoon,
  readCertificates,
  readKey,
} from "../tls/check_credentials.ts";
import { subjectAltNames } from "../tls/certificate_names.ts";
import { CertificateError } from "../tls/credentials.ts";
import { readKeyFile, readPem } from "../tls/tls_files.ts";
import type { Finding } from "./doctor_finding.ts";
import { UsageError } from "./usage_error.ts";

/** The files that `doctor` looks at. */
export interface TlsFilesGiven {
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
  readonly "tls-client-ca": string | undefined;
}

/**
 * What is to be found out about files for TLS, each with its name.
 *
 * @throws {UsageError} for a key without a certificate
 */
export function tlsChecks(given: TlsFilesGiven): Record<string, () => Promise<Finding>> {
  const { "tls-cert": cert, "tls-key": key, "tls-client-ca": clientCa } = given;
  if (cert === undefined && key !== undefined) throw new UsageError("--tls-key needs --tls-cert");
  return {
    ...(cert === undefined ? {} : certificateChecks(cert)),
    ...(key === undefined ? {} : { "tls key": () => found(() => keyFinding(cert!, key)) }),
    ...(clientCa === undefined ? {} : { "tls clients": () => found(() => clientCaFinding(clientCa)) }),
  };
}

function certificateChecks(path: string): Record<string, () => Promise<Finding>> {
  const ask = (find: (chain: Chain) => Finding) => () =>
    found(async () => find(readCertificates(await readPem(path), shown(path))));
  return {
    "tls chain": ask((chain) => {
      checkChain(chain, shown(path));
      return { good: chain.map(({ subject }) => subject.replaceAll("\n", ", ")).join(", signed by ") };
    }),
    "tls names": ask(([leaf]) => {
      const names = subjectAltNames(leaf.raw);
      return names.length > 0 ? { good: names.join(", ") } : {
        bad: `the certificate in ${shown(path)} has no subjectAltName`,
        remedy: "make one with the names and addresses that clients use: they look at nothing else",
      };
    }),
    "tls dates": ask(([leaf]) => {
      checkDates(leaf, shown(path));
      const until = `until ${day(leaf.validTo)}`;
      return expiresSoon(leaf)
        ? { bad: `valid only ${until}`, remedy: "renew it" }
        : { good: `valid ${until}` };
    }),
  };
}

async function keyFinding(certPath: string, keyPath: string): Promise<Finding> {
  const key = readKey(await readKeyFile(keyPath), shown(keyPath));
  checkKey(readCertificates(await readPem(certPath), shown(certPath))[0], key, shown(keyPath));
  const { asymmetricKeyType: type } = key;
  return { good: `${type}, of the certificate, and its owner's alone` };
}

async function clientCaFinding(path: string): Promise<Finding> {
  const authorities = readCertificates(await readPem(path), shown(path));
  for (const authority of authorities) checkDates(authority, shown(path));
  const stray = authorities.find((certificate: X509Certificate) => !certificate.ca);
  const names = authorities.map(({ subject }) => subject.replaceAll("\n", ", "));
  return stray === undefined ? { good: names.join("; ") } : {
    bad: `${stray.subject.replaceAll("\n", ", ")} in ${shown(path)} is no authority`,
    remedy: "give the certificate of the one that signs those of clients",
  };
}

async function found(find: () => Promise<Finding>): Promise<Finding> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { bad: error.reason, remedy: error.remedy };
  }
}

function shown(path: string): string {
  return `"${path}"`;
}
