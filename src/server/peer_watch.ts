import { HANDSHAKE_MS, HOLDER_PROBE_MS, PEER_SILENT_PINGS, PING_INTERVAL_MS } from "../limits.ts";
import type { MessageSocket } from "../transport/message_socket.ts";

/** What a watch asks of the connection, and tells it. */
export interface PeerWatchOptions {
  /** Whether the peer has begun a session. */
  readonly hasSession: () => boolean;
  /** Whether what the peer sends is read. */
  readonly isRead: () => boolean;
  /** What a ping says. A peer may answer only the newest one (RFC 6455, 5.5.3), which must confirm what those before did. */
  readonly newestMark: () => string;
  /** Milliseconds between pings; {@linkcode PING_INTERVAL_MS} by default. */
  readonly intervalMs?: number | undefined;
  /** The peer is to go, for this reason. */
  readonly onLost: (reason: string) => void;
}

/** Looks out for signs of life of a socket's peer: a message, a pong, or bytes taken. */
export class PeerWatch implements Disposable {
  readonly #socket: MessageSocket;
  readonly #options: PeerWatchOptions;
  readonly #openedAt = performance.now();
  readonly #pings: ReturnType<typeof setInterval>;
  /**
   * Pings sent since the last sign of life. They are counted, not timed: a server that was held up itself, such as by a
   * pager that its own output waits for, must not blame its peers.
   */
  #silentPings = 0;
  #buffered = 0;
  #probe: ReturnType<typeof setTimeout> | undefined;
  /** Whether there was a sign of life since the last probe. */
  #heard = false;

  constructor(socket: MessageSocket, options: PeerWatchOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#pings = setInterval(() => this.#look(), options.intervalMs ?? PING_INTERVAL_MS);
  }

  /** There was a sign of life. */
  hear(): void {
    this.#silentPings = 0;
    this.#heard = true;
  }

  /** Asks for a sign of life, soon. Nothing happens on a transport that answers no pings. */
  probe(): void {
    if (this.#probe !== undefined || !this.#socket.ping) return;
    this.#heard = false;
    this.#probe = setTimeout(() => {
      this.#probe = undefined;
      if (!this.#heard) this.#options.onLost("gives no sign of life while its session is asked for");
    }, HOLDER_PROBE_MS);
    this.#socket.ping(this.#options.newestMark());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pings);
    clearTimeout(this.#probe);
  }

  /** Pings, and gives up a peer that has long given no sign of life. */
  #look(): void {
    const { hasSession, isRead, onLost } = this.#options;
    const buffered = this.#socket.bufferedBytes;
    // Bytes that it takes are a sign too, and a peer that is not read cannot be heard.
    if (buffered < this.#buffered || !isRead()) this.#silentPings = 0;
    this.#buffered = buffered;
    const silent = this.#silentPings >= PEER_SILENT_PINGS;
    const stranger = !hasSession() && performance.now() - this.#openedAt > HANDSHAKE_MS;
    if (this.#socket.ping && (silent || stranger)) {
      onLost(silent ? "gives no sign of life" : "sent no initialize");
    } else {
      this.#socket.ping?.(this.#options.newestMark());
      this.#silentPings++;
    }
  }
}
