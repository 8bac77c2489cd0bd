import { deepStrictEqual as same, strictEqual as is } from "node:assert/strict";
import { type ServerPipes, stdioConnector } from "../../src/transport/stdio_transport.ts";
import type { Transport } from "../../src/transport/transport.ts";

/** A server command that a test plays. */
class FakePipes implements ServerPipes {
  readonly written: string[] = [];
  closed = false;
  /** How many reads were begun. */
  reads = 0;
  /** What a write waits for. */
  taking: Promise<void> = Promise.resolve();
  #next = Promise.withResolvers<Uint8Array | null>();

  async read(): Promise<Uint8Array | null> {
    this.reads++;
    const bytes = await this.#next.promise;
    this.#next = Promise.withResolvers();
    return bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.taking;
    this.written.push(new TextDecoder().decode(bytes));
  }

  explainEnd(): string {
    return " (exit code 3)";
  }

  close(): void {
    this.closed = true;
  }

  /** Writes to its stdout, and resolves when that was read; null ends it. */
  async say(bytes: Uint8Array | null): Promise<void> {
    this.#next.resolve(bytes);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function open(): Promise<{ pipes: FakePipes; transport: Transport; happened: string[] }> {
  const pipes = new FakePipes();
  const transport = await stdioConnector(() => pipes).connect({ timeoutMs: 1_000 });
  const happened: string[] = [];
  transport.handlers = {
    onMessage: (text) => happened.push(text),
    onClose: (reason) => happened.push(`closed: ${reason}`),
  };
  return { pipes, transport, happened };
}

Deno.test("a server command's lines are messages, in whatever pieces they come; blank ones are skipped", async () => {
  const { pipes, happened } = await open();
  const bytes = new TextEncoder().encode('{"a":"é"}\n\n  \r\n{"b":2}\n{"c"');
  for (const byte of bytes) await pipes.say(new Uint8Array([byte]));
  await pipes.say(null);
  same(happened, ['{"a":"é"}', '{"b":2}', "closed: the server command ended (exit code 3)"]);
  is(pipes.closed, true);
});

Deno.test("messages to a busy server command wait for each other, and go together", async () => {
  const { pipes, transport } = await open();
  const taking = Promise.withResolvers<void>();
  pipes.taking = taking.promise;
  for (const message of ["1", "2", "3"]) transport.send(message);
  taking.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  same(pipes.written, ["1\n", "2\n3\n"]);
});

Deno.test("a server command that takes no more input ends its transport, once", async () => {
  const { pipes, transport, happened } = await open();
  pipes.taking = Promise.reject(new Error("EPIPE"));
  pipes.taking.catch(() => {});
  transport.send("1");
  await new Promise((resolve) => setTimeout(resolve));
  transport.send("2");
  same(happened, ["closed: the server command takes no more input (exit code 3)"]);
});

Deno.test("a server command is not read while its client takes nothing", async () => {
  const { pipes, transport, happened } = await open();
  transport.setReading(false);
  await pipes.say(new TextEncoder().encode("1\n"));
  is(pipes.reads, 1);
  transport.setReading(true);
  await pipes.say(new TextEncoder().encode("2\n"));
  same(happened, ["1", "2"]);
});
