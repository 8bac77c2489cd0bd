import type { X509Certificate } from "node:crypto";
import { CERTIFICATE_LOOK_MS, CERTIFICATE_WARNING_EVERY_MS } from "../limits.ts";
import type { Logger } from "../observe/logger.ts";
import { unref } from "../unref.ts";
import { subjectAltNames } from "./certificate_names.ts";
import { day, expiresSoon } from "./check_credentials.ts";
import type { TlsCredentials, TlsSource } from "./credentials.ts";
import { readTlsFiles, stateOfFiles, type TlsPaths } from "./tls_files.ts";

/** Credentials in files, which are looked at now and then and taken up anew when they have changed. */
export class RenewedFiles implements TlsSource, Disposable {
  readonly renewed = new Set<(credentials: TlsCredentials) => void | Promise<void>>();
  /** How often they were taken up anew, and how often they could not be. */
  readonly reloads = { success: 0, failure: 0 };

  readonly #paths: TlsPaths;
  readonly #logger: Logger;
  #current: TlsCredentials;
  #leaf: X509Certificate;
  /** Those of the certificate; not every runtime's own look at them knows `*`. */
  #names: readonly string[];
  #state: string;
  #warnedAt = -Infinity;
  /** Settles when nothing is being read. */
  #reading: Promise<void> = Promise.resolve();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @throws {CertificateError} that says which file is wrong and what helps */
  static async open(paths: TlsPaths, logger: Logger): Promise<RenewedFiles> {
    const state = await stateOfFiles(paths).catch(() => "");
    const { credentials, leaf } = await readTlsFiles(paths);
    return new RenewedFiles(paths, logger, { credentials, leaf, state });
  }

  private constructor(
    paths: TlsPaths,
    logger: Logger,
    { credentials, leaf, state }: { credentials: TlsCredentials; leaf: X509Certificate; state: string },
  ) {
    this.#paths = paths;
    this.#logger = logger;
    this.#current = credentials;
    this.#leaf = leaf;
    this.#names = namesOf(leaf);
    this.#state = state;
    this.#warnOfExpiry();
    // On a disk that does not answer a look takes as long as it likes; the next ones wait, and nobody else.
    this.#timer = unref(setInterval(() => void this.#next(() => this.#look()), CERTIFICATE_LOOK_MS));
  }

  get current(): TlsCredentials {
    return this.#current;
  }

  /** Milliseconds since 1970 at which the certificate runs out. */
  get expiresAtMs(): number {
    return Date.parse(this.#leaf.validTo);
  }

  /** Whether a name of a server is one of the certificate's. */
  isNamed(name: string): boolean {
    return this.#names.some((own) =>
      own === name || (own.startsWith("*.") && /\..*/.exec(name)?.[0] === own.slice(1))
    );
  }

  /** Reads the files anew. What cannot be used is logged, and what was there before goes on. */
  reload(): Promise<void> {
    return this.#next(async () => {
      this.#state = await stateOfFiles(this.#paths).catch(() => "");
      await this.#reload();
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #waiting = false;

  /** One thing after the other; while one waits for its turn, another would find out nothing more. */
  #next(act: () => Promise<void>): Promise<void> {
    if (this.#waiting) return this.#reading;
    this.#waiting = true;
    return this.#reading = this.#reading.then(() => {
      this.#waiting = false;
      return act();
    });
  }

  async #look(): Promise<void> {
    this.#warnOfExpiry();
    // Files that are missing are being replaced, or tell of it by the certificate's date.
    const state = await stateOfFiles(this.#paths).catch(() => this.#state);
    if (state === this.#state) return;
    this.#state = state;
    await this.#reload();
  }

  async #reload(): Promise<void> {
    try {
      const { credentials, leaf } = await readTlsFiles(this.#paths);
      for (const renew of this.renewed) await renew(credentials);
      this.#current = credentials;
      this.#leaf = leaf;
      this.#names = namesOf(leaf);
      this.reloads.success++;
      this.#warnedAt = -Infinity;
      this.#logger.info("certificate renewed", { certificate: this.#paths.cert, until: day(leaf.validTo) });
      this.#warnOfExpiry();
    } catch (error) {
      this.reloads.failure++;
      this.#logger.error("certificate not renewed", {
        reason: (error as Error).message,
        remedy: "the one before it goes on; mend the files, then send SIGHUP or wait a minute",
      });
    }
  }

  #warnOfExpiry(): void {
    const now = Date.now();
    if (!expiresSoon(this.#leaf, now) || now - this.#warnedAt < CERTIFICATE_WARNING_EVERY_MS) return;
    this.#warnedAt = now;
    this.#logger.warn(now < this.expiresAtMs ? "certificate expires soon" : "certificate has expired", {
      certificate: this.#paths.cert,
      until: day(this.#leaf.validTo),
      remedy: "renew it: the files are read anew when they change",
    });
  }
}

function namesOf({ raw }: X509Certificate): string[] {
  return subjectAltNames(raw).map((name) => name.toLowerCase());
}
