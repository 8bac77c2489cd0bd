/** A server that does what a test says: the other end of a client's transports, message by message. */
import {
  ConnectionError,
  type Connector,
  type Transport,
  type TransportHandlers,
} from "../../src/transport/transport.ts";

/** A request as it arrived. */
export interface SentRequest {
  readonly id: number;
  readonly method: string;
  // deno-lint-ignore no-explicit-any -- a test looks at whatever it expects
  readonly params: any;
}

/** What is answered: a result, or an error. */
export type Answer = { result: unknown } | { error: { code: number; message: string } };

const environmentInfo = {
  shell: { name: "sh", path: "/bin/sh" },
  executorVersion: "0",
  providerId: "scripted",
  cwd: "file:///",
  userHomeDir: "file:///",
  platformOs: "linux",
  prependPathDirs: [],
  temporaryDirectories: [],
  tempDir: "file:///tmp",
  capabilities: {} as Record<string, boolean>,
};

/** One connection, seen from the server. */
export class ScriptedConnection implements Transport {
  handlers: TransportHandlers | undefined;
  reading = true;
  closed = false;
  readonly received: SentRequest[] = [];
  readonly #server: ScriptedServer;

  constructor(server: ScriptedServer) {
    this.#server = server;
  }

  send(text: string): void {
    if (this.closed) return;
    const message = JSON.parse(text);
    if (message.id === undefined || message.method === undefined) return;
    this.received.push(message);
    const answer = this.#server.answer(message, this);
    if (answer) this.push({ id: message.id, ...answer });
    this.#server.arrived();
  }

  setReading(reading: boolean): void {
    this.reading = reading;
  }

  close(): void {
    this.lose("closed by the client");
  }

  /** Sends a message to the client, in a turn of its own as a network does. */
  push(message: unknown): void {
    queueMicrotask(() => {
      if (!this.closed) {
        this.handlers?.onMessage(typeof message === "string" ? message : JSON.stringify(message));
      }
    });
  }

  /** Sends an event. */
  event(kind: "output" | "exited" | "closed", seq: number, rest: Record<string, unknown> = {}): void {
    const params = { processId: "p", seq, ...rest };
    if (kind === "output") Object.assign(params, { stream: "stdout", chunk: btoa(`${seq}\n`), ...rest });
    if (kind === "exited") Object.assign(params, { exitCode: 0, sandboxDenied: false, ...rest });
    this.push({ method: `process/${kind}`, params });
  }

  /** Ends the connection. */
  lose(reason = "lost"): void {
    if (this.closed) return;
    this.closed = true;
    queueMicrotask(() => this.handlers?.onClose(reason));
  }
}

/** Every connection a client makes, and what is answered on it. */
export class ScriptedServer implements Connector {
  readonly resumable = true;
  readonly connections: ScriptedConnection[] = [];
  readonly capabilities: Record<string, boolean> = {};
  /** What happens to an attempt to connect; nothing by default. */
  refuse: () => ConnectionError | undefined = () => undefined;
  /** Answers by method; a method without one is left unanswered. */
  readonly answers: Record<
    string,
    (request: SentRequest, connection: ScriptedConnection) => Answer | undefined
  > = {
    "initialize": ({ params }) => ({
      result: {
        sessionId: params.resumeSessionId ?? "session-1",
        environmentInfo: { ...environmentInfo, capabilities: this.capabilities },
      },
    }),
    "process/start": ({ params }) => ({ result: { processId: params.processId, sandboxType: "none" } }),
    "process/terminate": () => ({ result: { running: true } }),
    "environment/status": () => ({ result: { status: "ready" } }),
  };

  #waiting: (() => void)[] = [];

  connect(): Promise<Transport> {
    const error = this.refuse();
    if (error) return Promise.reject(error);
    const connection = new ScriptedConnection(this);
    this.connections.push(connection);
    return Promise.resolve(connection);
  }

  /** The newest connection. */
  get connection(): ScriptedConnection {
    return this.connections.at(-1)!;
  }

  answer(request: SentRequest, connection: ScriptedConnection): Answer | undefined {
    return this.answers[request.method]?.(request, connection);
  }

  arrived(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The nth request of a method on any connection, once it has arrived. */
  async request(method: string, nth = 1): Promise<SentRequest> {
    for (;;) {
      const all = this.connections.flatMap(({ received }) => received).filter((sent) =>
        sent.method === method
      );
      if (all.length >= nth) return all[nth - 1]!;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** What `process/read` answers. */
export function readResult(
  seqs: readonly number[],
  rest: {
    nextSeq: number;
    exited?: boolean;
    exitCode?: number | null;
    closed?: boolean;
    sandboxDenied?: boolean;
  },
): Answer {
  const chunks = seqs.map((seq) => ({ seq, stream: "stdout", chunk: btoa(`${seq}\n`) }));
  return {
    result: {
      chunks,
      exited: false,
      exitCode: null,
      closed: false,
      failure: null,
      sandboxDenied: false,
      ...rest,
    },
  };
}
