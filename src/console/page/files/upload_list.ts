import type { ExecServerClient } from "../../../client/client.ts";
import { bytesText, percentText } from "../format.ts";
import { element } from "../dom.ts";
import { upload } from "./upload.ts";

/** The files that are on their way to a directory, one after the other. */
export class UploadList {
  readonly element: HTMLElement = element("ul", { class: "uploads", ariaLive: "polite" });
  readonly #client: ExecServerClient;
  readonly #signal: AbortSignal;
  readonly #onDone: () => void;
  #last: Promise<void> = Promise.resolve();

  /**
   * @param signal aborted when the page is left, with which they end
   * @param onDone called when a file is there
   */
  constructor(client: ExecServerClient, signal: AbortSignal, onDone: () => void) {
    this.#client = client;
    this.#signal = signal;
    this.#onDone = onDone;
  }

  /** Sends files to a directory, those last that have been added last. */
  add(files: Iterable<File>, directory: string): void {
    for (const file of files) {
      const shown = new ShownUpload(file, this.#signal);
      this.element.append(shown.element);
      this.#last = this.#last.then(() => this.#send(file, directory, shown));
    }
  }

  async #send(file: File, directory: string, shown: ShownUpload): Promise<void> {
    const { signal } = shown;
    try {
      signal.throwIfAborted();
      await upload(this.#client, file, directory, { signal, onProgress: (bytes) => shown.progress(bytes) });
      shown.done();
      this.#onDone();
    } catch (error) {
      shown.failed(signal.aborted ? "broken off" : (error as Error).message);
    }
  }
}

/** One of them. */
class ShownUpload {
  readonly element: HTMLElement;
  readonly signal: AbortSignal;
  readonly #file: File;
  readonly #meter = element("progress", { max: 1, value: 0 });
  readonly #state = element("span", {}, "waits");
  readonly #stop: HTMLButtonElement;

  constructor(file: File, signal: AbortSignal) {
    const stopped = new AbortController();
    this.signal = AbortSignal.any([signal, stopped.signal]);
    this.#file = file;
    this.#stop = element("button", { type: "button", onclick: () => stopped.abort() }, "Stop");
    this.element = element("li", {}, file.name, " ", this.#meter, " ", this.#state, " ", this.#stop);
  }

  progress(bytes: number): void {
    this.#meter.value = bytes / Math.max(1, this.#file.size);
    this.#state.textContent = percentText(this.#meter.value);
  }

  done(): void {
    this.#end(`${bytesText(this.#file.size)}, done`, "done");
  }

  failed(reason: string): void {
    this.#end(reason, "failed");
  }

  #end(text: string, outcome: string): void {
    this.element.className = outcome;
    this.#state.textContent = text;
    this.#meter.remove();
    this.#stop.remove();
  }
}
