/**
 * TLS of `Bun.serve`. A server there keeps the certificate that it began with: renewed ones come with another server at the
 * same port, while the sockets of the one before go on.
 */
import process from "node:process";
import { HAND_OVER_LOOKS } from "../../limits.ts";
import type { Logger } from "../../observe/logger.ts";
import type { TlsCredentials, TlsSource } from "../../tls/credentials.ts";
import type { ListenAddress, Listener } from "../../transport/listener.ts";
import { ListenerWatch } from "../posix/listener_watch.ts";
import { ListeningSocket } from "../posix/listening_socket.ts";
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
    { ...where, port: first.port! },
    first,
    logger,
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
  readonly #where: ListenAddress;
  readonly #logger: Logger;
  #listening: BunServer;
  #watch: ListenerWatch;
  #others: BunServer[] = [];

  constructor(options: BunServeOptions, where: ListenAddress, listening: BunServer, logger: Logger) {
    this.#options = options;
    this.#where = where;
    this.#listening = listening;
    this.#logger = logger;
    this.#watch = this.#newWatch();
  }

  /** @throws {Error} where the credentials cannot be used; then nothing has changed */
  async renew(credentials: TlsCredentials): Promise<void> {
    const before = this.#listening;
    const socket = this.#listeningSocket();
    if (!sharesPorts) void before.stop(false);
    this.#listening = serve(this.#options, credentials);
    this.#others = [...this.#others.filter(({ pendingWebSockets }) => pendingWebSockets > 0), before];
    this.#watch.close();
    // Whoever waits there to be accepted would be cut off.
    for (let looks = 0; socket?.waits && looks < HAND_OVER_LOOKS; looks++) await nextTurn();
    void before.stop(false);
    this.#watch = this.#newWatch();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.all([this.#listening, ...this.#others].map((server) => server.stop(true)));
  }

  #newWatch(): ListenerWatch {
    return new ListenerWatch({ libc: sharedLibc, where: this.#where, logger: this.#logger });
  }

  /** Undefined where there is no way to the C library. */
  #listeningSocket(): ListeningSocket | undefined {
    try {
      return ListeningSocket.find(sharedLibc.open(), this.#where);
    } catch {
      return undefined;
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve));
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
