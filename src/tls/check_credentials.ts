import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { CERTIFICATE_EXPIRY_WARNING_MS } from "../limits.ts";
import { CertificateError } from "./credentials.ts";

/** A certificate and the chain behind it, from the leaf up. */
export type Chain = readonly [leaf: X509Certificate, ...others: X509Certificate[]];

/**
 * The certificates of a PEM text, in its order.
 *
 * @param name what the text is called in the message of a failure
 * @throws {CertificateError} where there is none, or one that cannot be read
 */
export function readCertificates(text: string, name: string): Chain {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const [leaf, ...others] = found.map((pem) => readCertificate(pem, name));
  if (leaf) return [leaf, ...others];
  throw /PRIVATE KEY-----/.test(text)
    ? new CertificateError(`${name} holds a private key and no certificate`, "give each file in its place")
    : new CertificateError(`${name} holds no certificate in PEM`, "convert it with openssl x509");
}

function readCertificate(pem: string, name: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError(`${name} holds a certificate that cannot be read`, "make it anew", { cause });
  }
}

/**
 * The private key of a PEM text.
 *
 * @throws {CertificateError} where there is none, one that is encrypted, or one that cannot be read
 */
export function readKey(text: string, name: string): KeyObject {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new CertificateError(`${name} holds no private key in PEM`, "convert it with openssl pkey");
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: *4, *ENCRYPTED/.test(text)) {
    const reason = `the key in ${name} is encrypted, and nobody is there to type its passphrase`;
    throw new CertificateError(reason, "decrypt it with openssl pkey");
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new CertificateError(`the key in ${name} cannot be read`, "make it anew, with a certificate", {
      cause,
    });
  }
}

/** @throws {CertificateError} where a key is not that of a certificate */
export function checkKey(certificate: X509Certificate, key: KeyObject, name: string): void {
  if (certificate.checkPrivateKey(key)) return;
  throw new CertificateError(
    `the key in ${name} is not the certificate's`,
    "give the two that were made together",
  );
}

/** @throws {CertificateError} where a certificate is not signed by the one behind it */
export function checkChain(chain: Chain, name: string): void {
  for (const [index, certificate] of chain.slice(0, -1).entries()) {
    if (certificate.checkIssued(chain[index + 1]!)) continue;
    const reason = `certificate ${index + 1} in ${name} is not signed by the one behind it`;
    throw new CertificateError(reason, "put the server's own first, and behind each its authority's");
  }
}

/** @throws {CertificateError} where a certificate is not valid now */
export function checkDates({ validFrom, validTo }: X509Certificate, name: string, now = Date.now()): void {
  const certificate = `the certificate in ${name}`;
  if (now >= Date.parse(validTo)) {
    throw new CertificateError(`${certificate} has expired on ${day(validTo)}`, "renew it, or set the clock");
  }
  if (now < Date.parse(validFrom)) {
    throw new CertificateError(`${certificate} is not valid before ${day(validFrom)}`, "set the clock");
  }
}

/** Whether a certificate runs out so soon that somebody should be told. */
export function expiresSoon({ validTo }: X509Certificate, now = Date.now()): boolean {
  return Date.parse(validTo) - now < CERTIFICATE_EXPIRY_WARNING_MS;
}

/** A date of a certificate, as `2027-01-31`. */
export function day(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString().slice(0, 10);
}
