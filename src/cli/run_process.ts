import { randomUUID } from "node:crypto";
import process from "node:process";
import type { ExecServerClient } from "../client/client.ts";
import { ConnectionError } from "../transport/transport.ts";
import type { ProcessEvent } from "../log/process_event.ts";
import { ConnectionWords } from "./connection_words.ts";
import { escapeFilter, type EscapeLine } from "./escape_line.ts";
import { LocalInput } from "./local_input.ts";
import type { LocalRecording } from "./local_recording.ts";
import { LocalTerminal } from "./local_terminal.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import { type RunCommand, startRequestOf } from "./run_command.ts";
import { RecordedRun } from "./recorded_run.ts";
import { RunControl } from "./run_control.ts";
import { encodeEvent, type RunEvent } from "./run_event.ts";
import { brokenPipe, runStatus, statusOfExit } from "./run_status.ts";
import type { WriteStandard } from "./program_host.ts";
import type { StandardInput } from "./standard_input.ts";
import { startCommand } from "./start_command.ts";
import { StartFailure } from "./start_failure.ts";
import { visibleText } from "./visible_text.ts";

/** What to run and how. */
export interface RunOptions extends RunCommand {
  /** What is passed on to it; undefined for no input. */
  readonly input: StandardInput | undefined;
  /** What a person types for this program on a terminal; undefined for nothing. */
  readonly escapes: EscapeLine | undefined;
  readonly timeoutMs: number | undefined;
  /** Where its output is recorded, too. */
  readonly recording: LocalRecording | undefined;
  /** Print events as JSON instead of the output. */
  readonly json: boolean;
  /** Where the output goes. */
  readonly write: WriteStandard;
}

/**
 * Runs one process between this program's own standard streams.
 *
 * @returns the exit status for this program
 * @throws {StartFailure} when it does not start
 * @throws {ConnectionError} when the server is lost
 * @throws {Error} when its output cannot be written
 */
export async function runProcess(client: ExecServerClient, options: RunOptions): Promise<number> {
  const { json, write } = options;
  const processId = randomUUID();
  const warn = (text: string) => {
    // A terminal that is shown on this one leaves it without the turning of newlines into returns.
    const line = `exec-server: ${visibleText(text)}${options.tty ? "\r\n" : "\n"}`;
    write("stderr", new TextEncoder().encode(line)).catch(() => {});
  };
  using input = options.input && new LocalInput(client, options.input, warn);
  using connection = new ConnectionWords(client, warn);
  using control = new RunControl(client);
  control.onInsistent = (signal) => connection.signalled(signal);
  if (input) input.onKeys = (keys) => connection.typed(keys);
  const recorded = new RecordedRun(options.recording, warn);
  using terminal = options.tty
    ? new LocalTerminal((size) => {
      control.resize(size);
      recorded.resize(size);
    })
    : undefined;
  if (input && options.escapes) {
    input.filterKeys = escapeFilter(options.escapes, "end the command", {
      warn,
      // While the connection is lost nobody would answer.
      end: () => connection.isLost ? process.exit(runStatus.ownFailure) : void control.cut(),
    });
  }
  const print = (event: RunEvent) => writeOutput(write, "stdout", encodeEvent(event));
  try {
    const remote = await startCommand(client, {
      ...startRequestOf(options),
      processId,
      size: terminal?.size,
      pipeStdin: await input?.isNeeded() ?? false,
    });
    const events = remote.events({ lossless: true });
    control.started(remote, options.timeoutMs, () => {
      if (json) print({ kind: "timeout", timeoutMs: options.timeoutMs! }).catch(() => {});
    });
    input?.forward(remote);
    if (json) await print({ kind: "started", processId });
    const exitCode = await follow(events, async (event) => {
      await recorded.take(event);
      if (event.kind === "exited" && event.limit !== undefined && !json) {
        warn(`the command has met its limit ${event.limit}`);
      }
      if (json) await print(event);
      else if (event.kind === "output") {
        terminal?.shown(event.bytes);
        await writeOutput(write, event.stream, event.bytes);
      }
      // A shell's background jobs may hold the terminal; a person has left it.
      if (event.kind === "exited" && terminal) control.endLater();
    });
    if (control.timedOut) return runStatus.timeout;
    if (control.isCut) return runStatus.ownFailure;
    const status = statusOfExit(exitCode);
    if (status !== exitCode) {
      warn(`the command ended with ${exitCode}, which is no exit status of this system`);
    }
    return status;
  } catch (error) {
    if (json && error instanceof StartFailure) await print({ kind: "failed", message: error.message });
    // Nobody follows the command any more: it ends, as it would in a pipeline of its own.
    await control.end();
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  }
}

/** Takes every event in turn. @returns the exit code */
async function follow(
  events: AsyncIterable<ProcessEvent>,
  take: (event: ProcessEvent) => Promise<void>,
): Promise<number> {
  let exitCode = -1;
  for await (const event of events) {
    await take(event);
    if (event.kind === "failed") throw new ConnectionError(event.message);
    if (event.kind === "exited") exitCode = event.exitCode;
  }
  return exitCode;
}
