/** What a failed attempt to connect means, and what to do about it. */

/** What is known of an attempt that failed. */
export interface FailedAttempt {
  readonly url: string;
  /** What the platform says. */
  readonly reason: string;
  /** The HTTP status with which the server refused, where it did. */
  readonly status?: number | undefined;
  /** Whether a token was shown. */
  readonly hasToken: boolean;
  /** Whether it was said which authorities are trusted. */
  readonly hasAuthorities?: boolean;
  /** Whether a certificate was shown. */
  readonly hasCertificate?: boolean;
  /** Whether a trusted certificate is made out to a host and is an authority's; asked where it matters. */
  readonly trustsHostAsAuthority?: (hostname: string) => boolean;
}

/** The reason of a failed attempt with its remedy. */
export function explainFailedAttempt(attempt: FailedAttempt): string {
  const remedy = attempt.status === undefined ? remedyOfError(attempt) : remedyOfStatus(attempt);
  return remedy === undefined ? attempt.reason : `${attempt.reason}; ${remedy}`;
}

function remedyOfStatus({ url, status, hasToken, hasCertificate }: FailedAttempt): string | undefined {
  switch (status) {
    case 400:
      return /^ws:/i.test(url) ? mayBe(url) : undefined;
    case 401:
      if (hasCertificate) {
        return hasToken
          ? "it does not take this token, or the names in this certificate"
          : "it needs a token, and none was given, or it does not take the names in this certificate";
      }
      return hasToken ? "it does not take this token" : "it needs a token, and none was given";
    case 403:
      return "it refuses this origin or host name: its own --allow-host or --allow-origin allows one" +
        (/^wss?:/i.test(url) ? `, such as --allow-host ${new URL(url).hostname}` : "");
    case 404:
      return "there is no server at this path";
  }
}

function remedyOfError(attempt: FailedAttempt): string | undefined {
  const { url, reason, hasCertificate } = attempt;
  if (/^ws:/i.test(url)) return /hang up|ECONNRESET|Parse Error/i.test(reason) ? mayBe(url) : undefined;
  if (!/^wss:/i.test(url)) return undefined;
  if (/wrong.version.number|InvalidContentType/i.test(reason)) {
    return `nothing speaks TLS there: did you mean ${url.replace(/^wss/i, "ws")}?`;
  }
  if (/self.signed|unknown ?issuer|unable to (get|verify)|CaUsedAsEndEntity/i.test(reason)) {
    return distrust(attempt);
  }
  if (/altnames|not valid for/i.test(reason)) {
    return `the certificate must name ${new URL(url).hostname} as a subjectAltName`;
  }
  if (/expired/i.test(reason)) return "renew the certificate, or set the clock";
  if (/certificate.?required/i.test(reason)) {
    return "give the certificate that it asks for: --tls-cert FILE --tls-key FILE, in the library tls.cert and tls.key";
  }
  // Whoever does not take a certificate may end the connection before the reason has arrived.
  if (/hang up|ECONNRESET|alert/i.test(reason)) {
    return hasCertificate
      ? "it may not take this certificate, which an authority of its --tls-client-ca must have signed"
      : "it may ask for a certificate: --tls-cert FILE --tls-key FILE, in the library tls.cert and tls.key";
  }
}

/** What helps against a certificate of an authority that is not trusted. */
function distrust({ url, hasAuthorities, trustsHostAsAuthority }: FailedAttempt): string {
  if (trustsHostAsAuthority?.(new URL(url).hostname)) {
    return `${
      hasAuthorities ? "--tls-ca" : "NODE_EXTRA_CA_CERTS"
    } trusts it, but as that of an authority, which this ` +
      "runtime takes from no server: make it with `openssl req -x509 ... -addext basicConstraints=critical,CA:FALSE`, or " +
      "let an authority of your own sign it";
  }
  return hasAuthorities
    ? "none of the authorities in --tls-ca has signed it"
    : "--tls-ca FILE or NODE_EXTRA_CA_CERTS=FILE lets this program trust it, by its own certificate or by that of its " +
      "authority";
}

/** A server that speaks TLS ends a connection that does not. */
function mayBe(url: string): string {
  return `where the server speaks TLS: did you mean ${url.replace(/^ws/i, "wss")}?`;
}

/** Why a connection was closed: what the other end said, or what its code means. */
export function explainClose(code: number, reason: string): string {
  if (reason !== "") return reason;
  const meaning = {
    1001: "the server is going away",
    1006: "it broke off without a word",
    1008: "the server refuses what it was sent",
    1009: "a message was too large",
    1011: "the server failed",
    1012: "the server starts anew",
    1013: "the server has no room",
  }[code];
  return `closed with code ${code}${meaning === undefined ? "" : `: ${meaning}`}`;
}
