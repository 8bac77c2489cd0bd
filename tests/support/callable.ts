/** Whatever answers the protocol's methods: our operations on either runtime, or the reference server. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { codexProgram } from "./reference_server.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** An answer, of either kind. */
// deno-lint-ignore no-explicit-any
export type Answer = any;

/** Something that answers calls and sends notifications; `await using` stops it. */
export interface Callable extends AsyncDisposable {
  /** The answer's `{ result }` or `{ error }`. */
  call(method: string, params: unknown): Promise<{ result?: Answer; error?: Answer }>;
  /** The next notification that was not taken yet. Rejects when there can be none any more. */
  next(): Promise<Answer>;
  /** Sends a message that is no call. */
  send(message: unknown): void;
  /** Ends the connection, and waits for whatever it still sends: all of it is returned. */
  hangUp(): Promise<Answer[]>;
}

/** How it is started. */
export interface CallableOptions {
  /** Variables to set over this process's own; undefined removes one. */
  env?: Record<string, string | undefined>;
}

/** The runtimes the operations are proven on. */
export const runtimes = ["deno", "bun"] as const;
export type Runtime = (typeof runtimes)[number];

/** Our operations in a process of a runtime. */
export function startOperations(runtime: Runtime, options: CallableOptions = {}): Callable {
  const script = `${root}/tests/support/operations.ts`;
  const child = new Deno.Command(runtime === "deno" ? Deno.execPath() : `${root}/node_modules/.bin/bun`, {
    args: runtime === "deno" ? ["run", "-A", "--quiet", script] : ["run", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    clearEnv: true,
    env: environment(options),
  }).spawn();
  const writer = child.stdin.getWriter();
  const inbox = new Inbox();
  const reading = (async () => {
    const unfinished: string[] = [];
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const [first, ...more] = text.split("\n");
      unfinished.push(first!);
      for (const next of more) {
        inbox.receive(JSON.parse(unfinished.splice(0).join("")));
        unfinished.push(next);
      }
    }
    inbox.end();
  })();
  const send = (message: unknown) =>
    void writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => {});
  const hangUp = async () => {
    await writer.close().catch(() => {});
    await Promise.all([reading, child.status]);
    return inbox.rest();
  };
  return {
    call: (method, params) => inbox.call((id) => send({ id, method, params })),
    next: () => inbox.next(),
    send,
    hangUp,
    [Symbol.asyncDispose]: async () => void await hangUp(),
  };
}

/** The reference server, initialized, with one connection. */
export async function startReference(options: CallableOptions = {}): Promise<Callable> {
  const child = new Deno.Command(codexProgram, {
    args: ["exec-server", "--listen", "ws://127.0.0.1:0"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    clearEnv: true,
    env: environment(options),
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let first = "";
  while (!first.includes("\n")) first += (await lines.read()).value ?? "\n";
  const drained = (async () => {
    while (!(await lines.read()).done);
  })();
  const inbox = new Inbox();
  const socket = new WebSocket(/ws:\/\/\S+/.exec(first)![0]);
  socket.onmessage = (event) => inbox.receive(JSON.parse(event.data));
  socket.onclose = () => inbox.end();
  await new Promise((resolve) => socket.onopen = resolve);
  const send = (message: unknown) => socket.send(JSON.stringify(message));
  const call = (method: string, params: unknown) => inbox.call((id) => send({ id, method, params }));
  await call("initialize", { clientName: "comparison" });
  send({ method: "initialized" });
  const hangUp = async () => {
    const closed = new Promise((resolve) => socket.onclose = resolve);
    child.kill("SIGTERM");
    await Promise.all([closed, child.status, drained]);
    return inbox.rest();
  };
  return {
    call,
    next: () => inbox.next(),
    send,
    hangUp,
    [Symbol.asyncDispose]: async () => void await hangUp(),
  };
}

function environment({ env = {} }: CallableOptions): Record<string, string> {
  const merged = { ...Deno.env.toObject(), ...env };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Sorts what arrives into answers and notifications. */
class Inbox {
  #lastId = 0;
  readonly #calls = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #notifications: Answer[] = [];
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  #ended = false;

  call(send: (id: number) => void): Promise<Answer> {
    const pending = Promise.withResolvers<Answer>();
    this.#calls.set(++this.#lastId, pending);
    send(this.#lastId);
    return pending.promise;
  }

  next(): Promise<Answer> {
    if (this.#notifications.length > 0) return Promise.resolve(this.#notifications.shift());
    if (this.#ended) return Promise.reject(new Error("It has ended"));
    const pending = Promise.withResolvers<Answer>();
    this.#waiting.push(pending);
    return pending.promise;
  }

  rest(): Answer[] {
    return this.#notifications.splice(0);
  }

  receive(message: Answer): void {
    const { id, ...answer } = message;
    if (id !== undefined) return void this.#calls.get(id)?.resolve(answer);
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(message);
    else this.#notifications.push(message);
  }

  end(): void {
    this.#ended = true;
    for (const { reject } of [...this.#calls.values(), ...this.#waiting]) reject(new Error("It has ended"));
  }
}
