/**
 * TLS of `Bun.serve`. A server there keeps the certificate that it began with: renewed ones come with another server at the
 * same port, while the sockets of the one before go on.
 */
import process from "node:process";
import type { Logger } from "../../observe/logger.ts";
import type { TlsCredentials, TlsSource } from "../../tls/credentials.ts";
import type { ListenAddress, Listener } from "../../transport/listener.ts";
import { ListenerWatch } from "../posix/listener_watch.ts";
import { bun, type BunServeOptions, type BunServer, type BunTls } from "./bun.ts";
import { sharedLibc } from "./native.ts";

/** Two servers at one port, which Windows knows no way to. */
const sharesPorts = process.platform !== "win32";

/**
 * Listens with TLS, and hands over to another server whenever the credentials are renewed.
 *
 * @throws {Error} when the address cannot be had
 */
export async function listenTls(
  options: BunServeOptions,
  where: ListenAddress,
  source: TlsSource,
  logger: Logger,
): Promise<Listener> {
  if (where.port !== 0 && sharesPorts) await refuseTakenPort(options);
  const first = serve(options, source.current);
  const servers = new Servers(
    { ...options, port: first.port! },
    first,
    () => new ListenerWatch({ libc: sharedLibc, where: { ...where, port: first.port! }, logger }),
  );
  const renew = (credentials: TlsCredentials) => servers.renew(credentials);
  source.renewed.add(renew);
  return {
    port: first.port!,
    close() {
      source.renewed.delete(renew);
      return servers.close();
    },
  };
}

/** The server that listens, and those before it whose sockets go on. */
class Servers {
  readonly #options: BunServeOptions;
  readonly #watchAnew: () => ListenerWatch;
  #listening: BunServer;
  #watch: ListenerWatch;
  #others: BunServer[] = [];

  constructor(options: BunServeOptions, listening: BunServer, watchAnew: () => ListenerWatch) {
    this.#options = options;
    this.#listening = listening;
    this.#watchAnew = watchAnew;
    this.#watch = watchAnew();
  }

  /** @throws {Error} where the credentials cannot be used; then nothing has changed */
  renew(credentials: TlsCredentials): void {
    const before = this.#listening;
    if (!sharesPorts) void before.stop(false);
    this.#listening = serve(this.#options, credentials);
    if (sharesPorts) void before.stop(false);
    this.#others = [...this.#others, before].filter(({ pendingWebSockets }) => pendingWebSockets > 0);
    this.#watch.close();
    this.#watch = this.#watchAnew();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.all([this.#listening, ...this.#others].map((server) => server.stop(true)));
  }
}

/** With a shared port the system would not say that another server listens there. */
async function refuseTakenPort(options: BunServeOptions): Promise<void> {
  await bun().serve(options).stop(true);
}

function serve(options: BunServeOptions, credentials: TlsCredentials): BunServer {
  // Whoever is silent before the handshake is cut off after 10 s, which nothing changes.
  return bun().serve({ ...options, reusePort: sharesPorts, tls: bunTls(credentials) });
}

function bunTls({ cert, key, clientCa }: TlsCredentials): BunTls {
  return {
    cert,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  };
}
