/** What the suites of backends do over and over. */
import { readFile } from "node:fs/promises";
import type { ExecBackend, ExecProcess, StartRequest } from "../../src/machine/exec_backend.ts";
import type { ProcessEvent } from "../../src/log/process_event.ts";
import { type Outcome, outcomeOf, textOf } from "./client.ts";

/** Starts a shell script. */
export function startScript(
  backend: ExecBackend,
  script: string,
  rest: Partial<StartRequest> = {},
): Promise<ExecProcess> {
  return backend.start({ argv: ["/bin/sh", "-c", script], cwd: "/tmp", ...rest });
}

/** Runs a shell script to its end. */
export async function runScript(
  backend: ExecBackend,
  script: string,
  rest: Partial<StartRequest> = {},
): Promise<Outcome & { readonly text: string; readonly errorText: string }> {
  const outcome = await finish(await startScript(backend, script, rest));
  return { ...outcome, text: textOf(outcome.stdout), errorText: textOf(outcome.stderr) };
}

/** Everything a process does. */
export async function finish(process: ExecProcess): Promise<Outcome> {
  const events: ProcessEvent[] = [];
  for await (const event of process.events({ lossless: true })) events.push(event);
  return outcomeOf(events);
}

/** The text of a process's output as it comes, on any stream. */
export class OutputText implements Disposable {
  text = "";
  readonly #events: AsyncIterator<ProcessEvent>;

  constructor(process: ExecProcess) {
    this.#events = process.events({ lossless: true });
  }

  /** Reads on until the text matches. @throws {Error} when the output ends before */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) return match;
      const { value, done } = await this.#events.next();
      if (done || value.kind === "failed") throw new Error(`No ${pattern} in ${JSON.stringify(this.text)}`);
      if (value.kind === "output") this.text += textOf(value.bytes);
    }
  }

  [Symbol.dispose](): void {
    this.#events.return?.();
  }
}

/** Resolves when no process of this number is left. */
export async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      if (/\) [ZX] /.test(stat)) return;
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
