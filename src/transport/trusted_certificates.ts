import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import process from "node:process";

/**
 * Whether a certificate that is trusted beside the platform's own, by NODE_EXTRA_CA_CERTS, is made out to a host and says
 * of itself that it is an authority. `openssl req -x509` makes such ones, and not every runtime takes them of a server.
 */
export function trustsHostAsAuthority(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return trusted().some((pem) => {
    try {
      const certificate = new X509Certificate(pem);
      return certificate.ca &&
        (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
    } catch {
      return false;
    }
  });
}

function trusted(): string[] {
  try {
    const text = readFileSync(process.env.NODE_EXTRA_CA_CERTS ?? "", "latin1");
    return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  } catch {
    return [];
  }
}
