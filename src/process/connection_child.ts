import type { ByteSink, ByteSource, ChildProcess, ExitStatus } from "../host/child_process.ts";
import type { NetworkConnection } from "../host/network.ts";
import { type Deferred, deferred } from "../deferred.ts";

/** How a connection ended whose other end said so, and how one that broke did. */
const [ended, broken] = [{ code: 0, signal: null }, { code: 1, signal: null }];

/**
 * A connection as a child that has no program. What arrives is its output; its exit says that no more will. Both halves
 * have ended when its streams have: the second one carries nothing, and ends with what is sent.
 */
export class ConnectionChild implements ChildProcess {
  readonly pid = 0;
  readonly outputs: ChildProcess["outputs"];
  readonly stdin: ByteSink;
  readonly exit: Promise<ExitStatus>;
  /** Called when it is broken off. */
  onEnd: (() => void) | undefined;
  readonly #connection: NetworkConnection;
  readonly #exit: Deferred<ExitStatus> = deferred();
  readonly #sent: Deferred<null> = deferred();
  #rest: Uint8Array | undefined;

  constructor(connection: NetworkConnection) {
    this.#connection = connection;
    this.exit = this.#exit.promise;
    const silent: ByteSource = { read: () => this.#sent.promise, cancel: () => this.end() };
    this.outputs = [
      { stream: "stdout", source: { read: (maxBytes) => this.#read(maxBytes), cancel: () => this.end() } },
      { stream: "stderr", source: silent },
    ];
    this.stdin = { write: (bytes) => this.#write(bytes), close: () => this.#close() };
    void Promise.all([this.exit, this.#sent.promise]).then(() => this.#connection.destroy());
  }

  /** Breaks it off: the other end learns that it was no regular end. */
  readonly end = (): void => {
    this.#break();
    this.onEnd?.();
  };

  async #read(maxBytes: number): Promise<Uint8Array | null> {
    try {
      const bytes = this.#rest ?? await this.#connection.read();
      this.#rest = bytes && bytes.length > maxBytes ? bytes.subarray(maxBytes) : undefined;
      if (bytes) return bytes.subarray(0, maxBytes);
      this.#exit.resolve(ended);
    } catch {
      this.#break();
    }
    return null;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#connection.write(bytes);
    } catch (error) {
      this.#break();
      throw error;
    }
  }

  #close(): Promise<void> {
    this.#connection.end();
    this.#sent.resolve(null);
    return Promise.resolve();
  }

  #break(): void {
    this.#connection.destroy("reset");
    this.#exit.resolve(broken);
    this.#sent.resolve(null);
  }
}
