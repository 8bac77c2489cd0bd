/** TCP, as far as a proxy needs it: connections that are read and written by pieces, each at its reader's pace. */

/** One connection. Calls of each direction are made one after the other. */
export interface NetworkConnection {
  /** The other end: address and port. */
  readonly peer: string;
  /** The next bytes, the caller's to keep; null at the end. Throws where the connection breaks. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when there is room for more. Throws where the connection is broken. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** Says that nothing more will be written. The other direction goes on. */
  end(): void;
  /** Ends both directions at once. Idempotent; `"reset"` tells the other end that it was no regular end. */
  destroy(how?: "reset"): void;
  /**
   * Passes bytes on to another connection without their being read, until there have been so many or no more come. Absent
   * where that cannot be.
   *
   * @returns how many there were; fewer than were asked for also where it cannot be done so
   */
  pipeTo?(target: NetworkConnection, bytes: number): Promise<number>;
}

/** A place where connections are accepted. */
export interface NetworkListener {
  readonly port: number;
  /** Accepts no more. Connections go on. */
  close(): void;
}

/** Makes connections and accepts them. */
export interface Network {
  /**
   * Listens on a free port of the loopback address.
   *
   * @throws {Error} where there is none
   */
  listen(onConnection: (connection: NetworkConnection) => void): Promise<NetworkListener>;
  /**
   * Connects to an address, not to a name.
   *
   * @throws {Error} where nobody answers there, or with the signal's reason
   */
  connect(address: string, port: number, signal: AbortSignal): Promise<NetworkConnection>;
}
