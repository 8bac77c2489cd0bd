import type { Transport, TransportHandlers } from "./transport.ts";

/** A transport as a server needs it of each client: one that tells how far its peer has come. */
export interface MessageSocket extends Transport {
  /** Who is at the other end, for the log. */
  readonly peer: string;
  /** Bytes handed over that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Bytes of the largest message that can be sent. A transport that cannot cut a message into frames has a limit, as
   * the Codex client takes no frame above 16 MiB.
   */
  readonly largestMessageBytes: number;
  handlers: SocketHandlers | undefined;
  /** Sends one message that is some text, the base64 of some bytes, and more text; otherwise as `send`. */
  sendBase64(before: string, bytes: Uint8Array, after: string): void;
  ping?(payload: string): void;
  /** Says goodbye. */
  close(code: number, reason: string): void;
  /** Ends it at once, whatever is still on its way. */
  terminate(): void;
}

/** What happens on a client's socket, all of which a server must know. */
export interface SocketHandlers extends Required<TransportHandlers> {
  onPong(payload: string): void;
}
