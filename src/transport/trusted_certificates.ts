import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import process from "node:process";

/**
 * Whether a certificate that is trusted beside the platform's own, by NODE_EXTRA_CA_CERTS, is made out to a host and says
 * of itself that it is an authority. `openssl req -x509` makes such ones, and not every runtime takes them of a server.
 *
 * @param authorities PEM text of those that are trusted instead
 */
export function trustsHostAsAuthority(hostname: string, authorities?: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "");
  return certificatesIn(authorities ?? extraAuthorities()).some((pem) => {
    try {
      const certificate = new X509Certificate(pem);
      return certificate.ca &&
        (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
    } catch {
      return false;
    }
  });
}

function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function extraAuthorities(): string {
  try {
    return readFileSync(process.env.NODE_EXTRA_CA_CERTS ?? "", "latin1");
  } catch {
    return "";
  }
}
