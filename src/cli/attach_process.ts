import { constants } from "node:os";
import process from "node:process";
import { isDescriptorStream } from "../protocol/descriptor_streams.ts";
import type { ListedProcess, SharedProcess } from "../machine/shared_process.ts";
import type { StandardStream } from "../protocol/schemas/process.ts";
import { ConnectionError } from "../transport/transport.ts";
import { AttachedKeys } from "./attached_keys.ts";
import { ConnectionWords } from "./connection_words.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import { escapeFilter, type EscapeLine } from "./escape_line.ts";
import { LocalTerminal } from "./local_terminal.ts";
import type { WriteStandard } from "./program_host.ts";
import { brokenPipe, statusOfExit } from "./run_status.ts";
import { findShared, type SharedTarget } from "./shared_target.ts";
import { visibleText } from "./visible_text.ts";

/** How a process is attached to. */
export interface AttachToOptions {
  /** Take the keyboard from whoever has it. */
  readonly take: boolean;
  readonly readOnly: boolean;
  /** What leaves it, as bytes. */
  readonly detachKeys: Uint8Array;
  /** What a person types for this program; undefined for nothing. */
  readonly escapes: EscapeLine | undefined;
  readonly write: WriteStandard;
}

/** Shows a process between this program's own standard streams, until it ends or is left. @returns the exit status */
export async function attachTo(
  target: SharedTarget,
  name: string,
  options: AttachToOptions,
): Promise<number> {
  const { readOnly, write } = options;
  const listed = await findShared(target, name);
  const attached = await target.processes.attach(listed.handle, {
    role: readOnly ? "view" : "control",
    from: listed.tty ? { screen: {} } : undefined,
  });
  const warn = (text: string) => {
    write("stderr", new TextEncoder().encode(`exec-server: ${visibleText(text)}\r\n`)).catch(() => {});
  };
  const events = attached.events();
  const left = Promise.withResolvers<number>();
  using _signals = leaveOnSignals(left.resolve);
  const isTerminal = listed.tty && process.stdin.isTTY;
  using terminal = isTerminal
    ? new LocalTerminal((size) => {
      if (attached.keyboard === "you") attached.resize(size).catch(() => {});
    })
    : undefined;
  if (!readOnly) await takeKeyboard(attached, listed, options);
  if (terminal && attached.keyboard === "you") await attached.resize(terminal.size).catch(() => {});
  using connection = new ConnectionWords(target.client, warn);
  using keys = new AttachedKeys(attached, listed, options.detachKeys, warn);
  keys.left.then(() => left.resolve(0));
  keys.onKeys = (typed) => connection.typed(typed);
  if (terminal && options.escapes) {
    const end = () => left.resolve(0);
    keys.filterKeys = escapeFilter(options.escapes, "leave the process running", { warn, end });
  }
  keys.forward();
  try {
    return await Promise.race([left.promise, show(attached, events, write, terminal)]);
  } catch (error) {
    if (error instanceof BrokenOutput) return brokenPipe;
    throw error;
  } finally {
    void events.return?.();
  }
}

async function takeKeyboard(attached: SharedProcess, { owner }: ListedProcess, { take }: AttachToOptions) {
  if (take) await attached.takeKeyboard({ force: true });
  // Where somebody else types already, this one only looks on, as it does while an owner is there.
  else if (owner === null) await attached.takeKeyboard().catch(() => {});
}

/** Shows what a process does to its end. @returns its exit status */
async function show(
  attached: SharedProcess,
  events: ReturnType<SharedProcess["events"]>,
  write: WriteStandard,
  terminal: LocalTerminal | undefined,
): Promise<number> {
  const shown = async (bytes: Uint8Array, stream: StandardStream) => {
    terminal?.shown(bytes);
    await writeOutput(write, stream, bytes);
  };
  const paint = async () => {
    const picture = await attached.screen({ format: "ansi" });
    if (picture.format === "ansi") await shown(new TextEncoder().encode(emptyScreen + picture.text), "pty");
    return picture.seq;
  };
  const { picture } = attached;
  if (picture?.format === "ansi") {
    await shown(new TextEncoder().encode((terminal ? emptyScreen : "") + picture.text), "pty");
  }
  let status = attached.state.exitCode ?? 0;
  let painted = 0;
  for await (const event of events) {
    if (event.kind === "failed") throw new ConnectionError(event.message);
    if (event.kind === "exited") status = statusOfExit(event.exitCode);
    if (event.kind === "gap" && picture) painted = await paint();
    if (event.kind !== "output" || isDescriptorStream(event.stream)) continue;
    if (event.seq > painted) await shown(event.bytes, event.stream);
  }
  return status;
}

/** What makes a terminal empty. */
export const emptyScreen = "\x1b[0m\x1b[H\x1b[2J";

/** The process runs on whatever ends this program. */
function leaveOnSignals(leave: (status: number) => void): Disposable {
  const listeners = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => {
    const listener = () => leave(128 + constants.signals[signal]);
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return { [Symbol.dispose]: () => listeners.forEach((end) => end()) };
}
