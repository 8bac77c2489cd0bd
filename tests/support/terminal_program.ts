import type { ExecServerClient } from "../../src/client/client.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import type { ParamsSent, ResultOf } from "../../src/protocol/methods.ts";
import { startParams } from "./client.ts";

/** A screen as lines. */
export type TextScreen = Extract<ResultOf<"process/screen">, { format: "text" }>;

/** What programs on terminals need. */
export const terminalEnvironment = {
  PATH: Deno.env.get("PATH")!,
  TERM: "xterm-256color",
  LC_ALL: "C.UTF-8",
  HOME: "/tmp",
};

/** A program on a terminal of a server, its events and its screen. */
export class TerminalProgram {
  readonly #client: ExecServerClient;
  readonly #id: string;
  readonly #events: AsyncIterator<ProcessEvent>;
  #writes = 0;

  private constructor(client: ExecServerClient, id: string, events: AsyncIterator<ProcessEvent>) {
    this.#client = client;
    this.#id = id;
    this.#events = events;
  }

  static async start(
    client: ExecServerClient,
    argv: string[],
    rest: Partial<ParamsSent<"process/start">> = {},
  ): Promise<TerminalProgram> {
    const id = crypto.randomUUID();
    const channel = await client.start(
      startParams(id, argv, { env: terminalEnvironment, tty: true, ...rest }),
    );
    return new TerminalProgram(client, id, channel[Symbol.asyncIterator]());
  }

  async look(scrollback = 0): Promise<TextScreen> {
    return await this.#look("text", scrollback) as TextScreen;
  }

  async ansi(scrollback = 0): Promise<string> {
    return (await this.#look("ansi", scrollback) as { text: string }).text;
  }

  /** Looks after every event until it sees what is waited for. */
  async see(seen: (screen: TextScreen) => boolean): Promise<TextScreen> {
    for (;;) {
      const screen = await this.look();
      if (seen(screen)) return screen;
      const { value, done } = await this.#events.next();
      if (done || value.kind === "closed") {
        const last = await this.look();
        if (seen(last)) return last;
        throw new Error(`The program ended without it; its screen:\n${last.lines.join("\n")}`);
      }
    }
  }

  /** Reads its events to the end, and answers the last seq. */
  async end(): Promise<number> {
    for (;;) {
      const { value, done } = await this.#events.next();
      if (done) throw new Error("The events ended early");
      if (value.kind === "failed") throw new Error(value.message);
      if (value.kind === "closed") return value.seq;
    }
  }

  async type(text: string): Promise<void> {
    await this.#client.call("process/write", {
      processId: this.#id,
      chunk: btoa(text),
      writeId: String(++this.#writes),
    });
  }

  async resize(rows: number, cols: number): Promise<void> {
    await this.#client.call("process/resize", { processId: this.#id, size: { rows, cols } });
  }

  #look(format: "text" | "ansi", scrollback: number): Promise<ResultOf<"process/screen">> {
    return this.#client.call("process/screen", { processId: this.#id, format, scrollback });
  }
}
