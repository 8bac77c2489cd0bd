/** What this room asks of a transport: whole text messages, and to know how far the peer has come. */
export interface MessageSocket {
  /** Who is at the other end, for the log. */
  readonly peer: string;
  /** Bytes handed over that the kernel has not taken yet. */
  readonly bufferedBytes: number;
  /**
   * Bytes of the largest message that can be sent. A transport that cannot cut a message into frames has a limit, as
   * the Codex client takes no frame above 16 MiB.
   */
  readonly largestMessageBytes: number;
  /** Whether {@linkcode ping} is answered by the peer's transport at all. */
  readonly hasPings: boolean;
  /** Sends one message, whatever its size; it never waits. Nothing happens once the socket is closed. */
  send(text: string): void;
  /** Sends one message that is some text, the base64 of some bytes, and more text; otherwise as {@linkcode send}. */
  sendBase64(before: string, bytes: Uint8Array, after: string): void;
  /** Asks the peer's transport for a pong with this payload of at most 125 bytes. */
  ping(payload: string): void;
  /** Stops and starts reading, where the transport can. */
  setReading(reading: boolean): void;
  /** Says goodbye. The reason is plain ASCII of at most 123 characters: a frame holds no more. */
  close(code: number, reason: string): void;
  /** Ends it at once, whatever is still on its way. */
  terminate(): void;
  /** Where its events go; set once, right when it opens. */
  handlers: SocketHandlers | undefined;
}

/** What happens on a socket. */
export interface SocketHandlers {
  /** One message. */
  onMessage(text: string): void;
  /** One message that is no text, and why. */
  onGarbage(reason: string): void;
  /** The answer to a ping. */
  onPong(payload: string): void;
  /** Buffered bytes were taken: there is room again. */
  onDrain(): void;
  /** It is over. Called once. */
  onClose(): void;
}
