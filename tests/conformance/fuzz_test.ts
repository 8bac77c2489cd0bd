/**
 * Messages as no client sends them, to the server under test and to the reference server: both must answer the same code
 * under the same id, or drop the connection.
 *
 * `FUZZ_MESSAGES` sets how many, `FUZZ_SEED` which.
 */
import assert from "node:assert/strict";
import { type FuzzedMessage, fuzzedMessage } from "../../scripts/soak/fuzz_messages.ts";
import { Random } from "../../scripts/soak/random.ts";
import { methods } from "../../src/protocol/methods.ts";
import { referenceServer } from "../support/reference_server.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { Wire, type WireMessage } from "../support/wire.ts";

const count = Number(Deno.env.get("FUZZ_MESSAGES") ?? 300);
const seed = Number(Deno.env.get("FUZZ_SEED") ?? 1);

/** A server, and a connection to it that is opened again when it was dropped. */
class Fuzzed implements AsyncDisposable {
  readonly #server: ServerProcess;
  #wire: Wire | undefined;
  #marks = 0;

  constructor(server: ServerProcess) {
    this.#server = server;
  }

  /** What comes of a message: ids with codes or `ok`, and whether the connection was dropped. */
  async outcome({ payload, opcode }: FuzzedMessage): Promise<string[]> {
    const wire = this.#wire ??= await this.#connect();
    const mark = `mark ${++this.#marks}`;
    await wire.sendFrame(payload, { opcode }).catch(() => {});
    await wire.send({ id: mark, method: "environment/status" }).catch(() => {});
    const seen: string[] = [];
    for (;;) {
      const message = await wire.next(({ method }) => method === undefined).catch(() => undefined);
      if (!message) {
        this.#wire = undefined;
        return [...seen, "dropped"];
      }
      if (message.id === mark) return seen;
      seen.push(summary(message));
    }
  }

  async #connect(): Promise<Wire> {
    const wire = await Wire.open(this.#server.url);
    wire.onNotification = () => {};
    await wire.initialize();
    return wire;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wire?.cut();
    await this.#server[Symbol.asyncDispose]();
  }
}

function summary({ id, error }: WireMessage): string {
  return `${JSON.stringify(id)} ${error?.code ?? "ok"}`;
}

/**
 * Whether both servers are to answer the same. One of them alone knows additive methods, lets later requests go ahead of
 * an `http/request`, and bounds the names that a client makes up; the other takes arrays for objects.
 */
function isCommon({ payload }: FuzzedMessage): boolean {
  const text = typeof payload === "string" ? payload : new TextDecoder().decode(payload);
  if (/x{1000}|\[\[/.test(text)) return false;
  return !Object.entries(methods).some(([name, method]) =>
    ("additive" in method || name === "http/request") && text.includes(`"${name}"`)
  );
}

Deno.test(`${count} messages that nobody sends have the same codes as from the reference server`, async () => {
  await using here = new Fuzzed(await startServer());
  await using there = new Fuzzed(await startServer(referenceServer()));
  const random = new Random(seed);
  for (let sent = 0; sent < count;) {
    const message = fuzzedMessage(random);
    if (!isCommon(message)) continue;
    sent++;
    const [ours, theirs] = [await here.outcome(message), await there.outcome(message)];
    const shown = typeof message.payload === "string"
      ? message.payload
      : new TextDecoder().decode(message.payload);
    assert.deepEqual(ours, theirs, `message ${sent} of seed ${seed}: ${shown.slice(0, 500)}`);
  }
});
