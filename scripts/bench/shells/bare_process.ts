/**
 * The floor under everything that starts a process: the runtime's own spawn, with the pipes that a server gives a child,
 * and nothing around it. The session of its own that a server gives it too is left out, since on Deno it makes another,
 * slower way of starting. Works on Deno and on Bun.
 */
import process from "node:process";
import type { Command, Shell, ShellOptions } from "./shell.ts";

/** Bytes of one read of a pipe; what the kernel's pipe holds. */
const READ_BYTES = 65_536;

// deno-lint-ignore no-explicit-any -- there is no type of it here
const bun = (globalThis as any).Bun;

export class BareProcess implements Shell {
  prepare(argv: readonly string[], { tty = false }: ShellOptions = {}): Promise<Command> {
    // script(1) is a terminal's other end, and nothing else.
    const command = tty ? ["script", "-qc", argv.at(-1)!, "/dev/null"] : argv;
    const [program, ...args] = command as [string, ...string[]];
    return Promise.resolve({
      run: () => bun ? runOnBun([program, ...args]) : runOnDeno(program, args),
      feed: (chunks) => bun ? feedOnBun([program, ...args], chunks) : feedOnDeno(program, args, chunks),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const env = { PATH: process.env.PATH ?? "/usr/bin:/bin" };

async function runOnDeno(program: string, args: string[]): Promise<number> {
  const child = new Deno.Command(program, {
    args,
    cwd: "/tmp",
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [bytes] = await Promise.all([drain(child.stdout), drain(child.stderr), child.status]);
  return bytes;
}

async function drain(stream: ReadableStream<Uint8Array>): Promise<number> {
  const reader = stream.getReader({ mode: "byob" });
  let bytes = 0;
  for (let buffer = new Uint8Array(READ_BYTES);;) {
    const { value, done } = await reader.read(buffer);
    if (done || !value) return bytes;
    bytes += value.length;
    buffer = new Uint8Array(value.buffer);
  }
}

async function feedOnDeno(program: string, args: string[], chunks: Iterable<Uint8Array>): Promise<void> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const output = Promise.all([drain(child.stdout), drain(child.stderr)]);
  const writer = child.stdin.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
  await Promise.all([output, child.status]);
}

async function runOnBun(command: string[]): Promise<number> {
  const child = bun.spawn(command, {
    cwd: "/tmp",
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [bytes] = await Promise.all([drainOnBun(child.stdout), drainOnBun(child.stderr), child.exited]);
  return bytes;
}

async function drainOnBun(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

async function feedOnBun(command: string[], chunks: Iterable<Uint8Array>): Promise<void> {
  const child = bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
  const output = Promise.all([drainOnBun(child.stdout), drainOnBun(child.stderr)]);
  for (const chunk of chunks) {
    child.stdin.write(chunk);
    await child.stdin.flush();
  }
  await child.stdin.end();
  await Promise.all([output, child.exited]);
}
