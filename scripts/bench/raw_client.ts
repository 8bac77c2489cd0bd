/** A client of the protocol that counts output instead of decoding it. */
import { RawSocket } from "./raw_socket.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A message that is not output. */
export interface RawMessage {
  id?: number;
  method?: string;
  // deno-lint-ignore no-explicit-any -- whatever a server answers
  [member: string]: any;
}

/** Output notifications of the reference begin like this, and so do ours. */
const outputPrefix = encoder.encode('{"method":"process/output"');

/** The least that an output notification has around its base64. */
const leastOverhead =
  '{"method":"process/output","params":{"processId":"p","seq":1,"stream":"pty","chunk":""}}'.length;

export class RawClient {
  /** Bytes of output messages so far, as they came over the wire. */
  outputBytes = 0;
  outputFrames = 0;

  #socket!: RawSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<RawMessage>>();
  readonly #closes = new Map<string, PromiseWithResolvers<void>>();
  #callNumber = 0;

  private constructor() {}

  /** Connects and begins a session, or resumes one. */
  static async open(url: string, resumeSessionId?: string): Promise<RawClient & { sessionId: string }> {
    const client = new RawClient();
    client.#socket = await RawSocket.connect(url, (payload) => client.#receive(payload));
    client.#socket.ended.then(() => client.#lose());
    const { result } = await client.call("initialize", { clientName: "bench", resumeSessionId });
    client.#socket.send('{"method":"initialized"}');
    return Object.assign(client, { sessionId: result.sessionId as string });
  }

  /** Calls a method. @throws {Error} with the server's message, or when the connection ends */
  async call(method: string, params: unknown): Promise<RawMessage> {
    const id = ++this.#callNumber;
    const answer = Promise.withResolvers<RawMessage>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const message = await answer.promise;
    if (message.error) throw new Error(`${method}: ${message.error.message}`);
    return message;
  }

  /** Starts a process. @returns when it has closed */
  async start(processId: string, argv: string[], rest: object = {}): Promise<{ closed: Promise<void> }> {
    const closed = Promise.withResolvers<void>();
    closed.promise.catch(() => {}); // Whoever waits for it is told.
    this.#closes.set(processId, closed);
    const env = { PATH: "/usr/bin:/bin" };
    await this.call("process/start", { processId, argv, cwd: "file:///tmp", env, tty: false, ...rest });
    return { closed: closed.promise };
  }

  /** Cuts the connection. */
  close(): void {
    this.#socket.close();
  }

  /** @throws {Error} where less output has come than so many bytes make in base64 */
  expectOutput(bytes: number): void {
    const base64 = this.outputBytes - this.outputFrames * leastOverhead;
    if (base64 * 3 / 4 < bytes) throw new Error(`Of ${bytes} bytes of output some are missing`);
  }

  #lose(): void {
    const error = new Error("The server ended the connection");
    for (const waiting of [...this.#answers.values(), ...this.#closes.values()]) waiting.reject(error);
    this.#answers.clear();
    this.#closes.clear();
  }

  #receive(payload: Uint8Array): void {
    if (outputPrefix.every((byte, i) => payload[i] === byte)) {
      this.outputBytes += payload.length;
      this.outputFrames++;
      return;
    }
    const message: RawMessage = JSON.parse(decoder.decode(payload));
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.resolve(message);
      this.#answers.delete(message.id);
    } else if (message.method === "process/closed") {
      const { processId } = message.params;
      this.#closes.get(processId)?.resolve();
      this.#closes.delete(processId);
    }
  }
}
