import type { ProcessEvent } from "../log/process_event.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import type { LocalRecording } from "./local_recording.ts";

/** The recording of a command that is run, if there is one. Where it fails the command goes on. */
export class RecordedRun {
  #recording: LocalRecording | undefined;
  readonly #warn: (text: string) => void;
  #exitCode: number | null = null;

  /** @param warn tells the user something in one line */
  constructor(recording: LocalRecording | undefined, warn: (text: string) => void) {
    this.#recording = recording;
    this.#warn = warn;
  }

  /** Takes what happened to the command. */
  async take(event: ProcessEvent): Promise<void> {
    if (!this.#recording) return;
    try {
      if (event.kind === "output") await this.#recording.output(event.stream, event.bytes);
      if (event.kind === "exited") this.#exitCode = event.exitCode;
      if (event.kind === "closed") await this.#recording.end(this.#exitCode);
    } catch (error) {
      this.#recording = undefined;
      this.#warn(`${(error as Error).message}; the command goes on and is not recorded`);
    }
  }

  resize(size: TerminalSize): void {
    this.#recording?.resize(size);
  }
}
