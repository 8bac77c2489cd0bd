import type { NetworkConnection } from "../host/network.ts";

/** Which host a port is of. */
export interface ConnectTcpOptions {
  /**
   * The host, as the machine knows it; its own loopback addresses by default. A server connects to others only where it was
   * started with `--forward-to`.
   */
  readonly host?: string | undefined;
}

/** A connection to a port of a machine. `await using` breaks it off at the end of the block, unless both halves have ended. */
export interface TcpStream extends AsyncDisposable {
  /** The address that was reached, with its port. */
  readonly address: string;
  /** What arrives. It ends when the other end has said so, and fails where the connection breaks. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent. Closing it ends this half; the other one goes on. */
  readonly writable: WritableStream<Uint8Array>;
  /** Breaks it off. */
  close(): void;
}

/**
 * A connection as streams of the web platform, each at its reader's pace.
 *
 * @param onOver called once, when it is over in whatever way
 */
export function tcpStream(connection: NetworkConnection, onOver: () => void): TcpStream {
  let openHalves = 2;
  let receiver: ReadableStreamDefaultController<Uint8Array>;
  let sender: WritableStreamDefaultController;
  const halfEnded = () => {
    if (--openHalves !== 0) return;
    connection.destroy();
    onOver();
  };
  /** Ends both halves for everybody who waits for one of them. */
  const breakOff = (reason: unknown) => {
    if (openHalves <= 0) return;
    openHalves = 0;
    connection.destroy("reset");
    sender.error(reason);
    receiver.error(reason);
    onOver();
  };
  const close = () => breakOff(new Error("The connection was closed"));
  const orBreakOff = async <Result>(work: () => Promise<Result> | Result): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      breakOff(error);
      throw error;
    }
  };
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void (receiver = controller),
    async pull(controller) {
      const bytes = await orBreakOff(() => connection.read());
      if (bytes) return controller.enqueue(bytes);
      controller.close();
      halfEnded();
    },
    cancel: close,
  }, { highWaterMark: 0 });
  const writable = new WritableStream<Uint8Array>({
    start: (controller) => void (sender = controller),
    write: (bytes) => orBreakOff(() => connection.write(bytes)),
    close() {
      connection.end();
      halfEnded();
    },
    abort: close,
  });
  return {
    address: connection.peer,
    readable,
    writable,
    close,
    [Symbol.asyncDispose]() {
      close();
      return Promise.resolve();
    },
  };
}
