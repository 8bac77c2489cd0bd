/** What one end of a TLS connection shows, in PEM, and whom it takes. */
export interface TlsCredentials {
  /** The certificate, and behind it those that lead to its authority. */
  readonly cert: string;
  /** The private key of the first of them, not encrypted. */
  readonly key: string;
  /** The authorities of clients; absent where a client need not show a certificate. */
  readonly clientCa?: string | undefined;
}

/** Where a listener has its credentials from, which are renewed while it listens. */
export interface TlsSource {
  readonly current: TlsCredentials;
  /** Each is called with new ones, and shows them from then on to whoever connects; it throws where they cannot be. */
  readonly renewed: Set<(credentials: TlsCredentials) => void | Promise<void>>;
}

/** A certificate, a key or what belongs to them cannot be used. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** What is wrong. */
  readonly reason: string;
  /** What helps. */
  readonly remedy: string;

  constructor(reason: string, remedy: string, options?: ErrorOptions) {
    super(`${reason}: ${remedy}`, options);
    this.reason = reason;
    this.remedy = remedy;
  }
}
