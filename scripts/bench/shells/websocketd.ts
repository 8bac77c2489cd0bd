import { RawSocket } from "../raw_socket.ts";
import { residentBytes } from "../resident_bytes.ts";
import type { WebsocketdTarget } from "../target.ts";
import type { Command, Shell } from "./shell.ts";

/** Runs commands through websocketd: a connection starts a program of its folder, and its end is the program's. */
export class WebsocketdShell implements Shell {
  readonly #target: WebsocketdTarget;
  readonly #left: RawSocket[] = [];
  #commandNumber = 0;

  constructor(target: WebsocketdTarget) {
    this.#target = target;
  }

  async prepare(argv: readonly string[]): Promise<Command> {
    const name = `${Date.now()}-${++this.#commandNumber}`;
    const path = `${this.#target.folder}/${name}`;
    if (argv.length === 1) await Deno.symlink(argv[0]!, path);
    else await Deno.writeTextFile(path, `#!/bin/sh\nexec ${argv.map(quote).join(" ")}\n`, { mode: 0o755 });
    const url = `${this.#target.url}/${name}`;
    return {
      run: async () => {
        let bytes = 0;
        const socket = await RawSocket.connect(url, (payload) => void (bytes += payload.length));
        await socket.ended;
        socket.close();
        return bytes;
      },
      feed: async (chunks) => {
        const socket = await RawSocket.connect(url, () => {});
        for (const chunk of chunks) await socket.sendBytes(chunk);
        await socket.ended;
        socket.close();
      },
      leaveRunning: async () => {
        const told = Promise.withResolvers<void>();
        this.#left.push(await RawSocket.connect(url, () => told.resolve()));
        await told.promise;
      },
    };
  }

  memory(): number {
    return residentBytes(this.#target.pid);
  }

  async endRunning(): Promise<void> {
    const left = this.#left.splice(0);
    for (const socket of left) socket.close();
    await Promise.all(left.map(({ ended }) => ended));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.endRunning();
  }
}

/** A word as a shell takes it literally. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
