import type { ExecServerClient } from "../../../client/client.ts";
import type { ProcessEvent } from "../../../log/process_event.ts";
import { LogLines } from "./log_lines.ts";

/** What a log may hold in the browser: with all that belongs to it, some 60 MB. */
const limits = { maxChars: 24 * 1024 * 1024, maxLineChars: 64 * 1024 };

/** The log of a process, from what the server still has of it. */
export class ProcessLog {
  readonly lines = new LogLines(limits);
  readonly #client: ExecServerClient;
  readonly #processId = crypto.randomUUID();

  constructor(client: ExecServerClient) {
    this.#client = client;
  }

  /**
   * Follows the process until it ends or the page is left.
   *
   * @param onChange called when there are more lines
   */
  async follow(handle: string, signal: AbortSignal, onChange: () => void): Promise<void> {
    const { process, answer } = await this.#client.attach({
      processId: this.#processId,
      handle,
      role: "view",
    });
    const leave = () => void this.#client.detach(this.#processId).catch(() => {});
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave);
    if (answer.firstSeq > 1) this.lines.note("— what it printed before is no longer kept —");
    for await (const event of process.events()) {
      if (signal.aborted) return;
      this.#take(event);
      onChange();
    }
  }

  #take(event: ProcessEvent): void {
    switch (event.kind) {
      case "output":
        return this.lines.add(event.stream === "stderr" ? "stderr" : "stdout", event.bytes);
      case "gap":
        return this.lines.note(
          "— output is missing here: this page was too slow for it, and it is no longer kept —",
        );
      case "exited":
        return this.lines.note(`— it has ended with the status ${event.exitCode} —`);
      case "failed":
        return this.lines.note(`— it can be followed no more: ${event.message} —`);
    }
  }
}
