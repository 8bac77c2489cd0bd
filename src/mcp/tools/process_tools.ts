import * as z from "zod";
import { TOOL_QUIET_MS, TOOL_REPLY_MS } from "../../limits.ts";
import { describeOutput, describeState } from "./describe_command.ts";
import type { FollowedCommand } from "./followed_command.ts";
import { defineTool, members, type ToolCall } from "./tool.ts";
import { ToolError } from "./tool_error.ts";

/** Reads what a process wrote. */
export const readTool = defineTool({
  name: "read",
  title: "Read a process's output",
  description:
    "Tells how a process stands and what it wrote since the last answer about it, or from a place on. Output is kept: " +
    "the newest megabyte, and the beginning. With `wait_seconds` it waits for something new or the end.",
  input: z.strictObject({
    process: members.process,
    machine: members.machine,
    from: z.int().optional()
      .describe(
        "The byte of its output to begin at; -2000 is 2000 bytes before its end; where the last answer ended if left out",
      ),
    wait_seconds: members.wait.default(0).describe("How long to wait where there is nothing new"),
    max_bytes: members.maxBytes,
  }),
  isReadOnly: true,
  isDestructive: false,
  async run({ process: word, machine, from, wait_seconds, max_bytes }, { signal }, { commands }) {
    const command = await commands.find(word, machine);
    const place = from ?? command.position;
    if (place >= 0) await command.news(place, wait_seconds * 1_000, signal);
    return describe(command, place, max_bytes);
  },
});

/** Writes to a process, and tells what it says to that. */
export const writeTool = defineTool({
  name: "write",
  title: "Type to a process",
  description:
    "Writes to a process's standard input or terminal exactly what is given, and answers with what it says to that. A " +
    'line needs its "\\n". On a terminal "\\r" is Enter, "\\u0003" Ctrl-C, "\\u0004" Ctrl-D, "\\u001b" Escape, ' +
    '"\\u001b[A" the upwards arrow.',
  input: z.strictObject({
    process: members.process,
    machine: members.machine,
    text: z.string().default("").describe("What is written, without anything added"),
    end: z.boolean().default(false).describe(
      "End its standard input afterwards; on a terminal as Ctrl-D does",
    ),
    wait_seconds: members.wait.default(TOOL_REPLY_MS / 1_000)
      .describe("How long to wait at most for what it says; it answers earlier where that comes to rest"),
    max_bytes: members.maxBytes,
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ process: word, machine, text, end, wait_seconds, max_bytes }, { signal }, { commands }) {
    const command = await commands.find(word, machine);
    if (command.hasEnded) throw new ToolError(`Nobody is there to read it: ${describeState(command)}`);
    const from = command.transcript.end;
    await commands.control(word, machine, async (process) => {
      const bytes = end && command.tty ? `${text}\u0004` : text;
      const status = bytes === "" ? "accepted" : await process.write(bytes);
      if (status !== "accepted") {
        throw new ToolError(
          `${word} reads nothing (${status}): start it with stdin or tty to write to it`,
        );
      }
      if (end && !command.tty) await process.closeStdin();
    });
    await settle(command, from, wait_seconds * 1_000, signal);
    return describe(command, command.position, max_bytes);
  },
});

/** Shows a process's terminal. */
export const screenTool = defineTool({
  name: "screen",
  title: "Look at a process's terminal",
  description:
    "Shows what stands on the terminal of a process just now, as a person would see it: for editors, pagers, menus and " +
    "everything that draws. For output that runs through, `read` is better.",
  input: z.strictObject({
    process: members.process,
    machine: members.machine,
    scrollback: z.int().min(0).max(1_000).default(0).describe("Lines above the screen to show too"),
  }),
  isReadOnly: true,
  isDestructive: false,
  async run({ process: word, machine, scrollback }, _call, { commands }) {
    const command = await commands.find(word, machine);
    const screen = await command.process.screen({ format: "text", scrollback });
    if (screen.format !== "text") throw new ToolError("This server shows no screens as text");
    const { cursor, above, lines, size } = screen;
    const place = cursor.visible ? `cursor at row ${cursor.row + 1}, column ${cursor.col + 1}` : "no cursor";
    const title = screen.title === "" ? "" : `, title ${JSON.stringify(screen.title)}`;
    const head = `${describeState(command)}\n${size.rows} rows, ${size.cols} columns, ${place}${title}\n`;
    return `${head}${"-".repeat(Math.min(size.cols, 40))}\n${[...above, ...lines].join("\n").trimEnd()}`;
  },
});

const signals = [
  "interrupt",
  "terminate",
  "kill",
  "hangup",
  "quit",
  "stop",
  "continue",
  "user1",
  "user2",
] as const;

/** Signals or ends a process. */
export const signalTool = defineTool({
  name: "signal",
  title: "Signal or end a process",
  description:
    "Sends a signal to a process and all of its group: `interrupt` as Ctrl-C does, `terminate` to have it end. `kill` ends " +
    "it and everything that it started, at once.",
  input: z.strictObject({
    process: members.process,
    machine: members.machine,
    signal: z.enum(signals).default("terminate").describe("Which signal"),
    wait_seconds: members.wait.default(TOOL_REPLY_MS / 1_000)
      .describe("How long to wait for its end"),
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ process: word, machine, signal: name, wait_seconds }, { signal }, { commands }) {
    const command = await commands.find(word, machine);
    await commands.control(word, machine, async (process) => {
      if (name === "kill") await process.terminate();
      else await process.signal(name);
    });
    const isWaited = !["stop", "continue", "user1", "user2"].includes(name);
    if (isWaited) await command.ended(wait_seconds * 1_000, signal);
    return describeState(command);
  },
});

/** Waits for what a program says to what it was sent, until that comes to rest. */
async function settle(
  command: FollowedCommand,
  from: number,
  waitMs: number,
  signal: ToolCall["signal"],
): Promise<void> {
  const deadline = performance.now() + waitMs;
  await command.news(from, waitMs, signal);
  while (!command.isOver && !signal.aborted) {
    const left = deadline - performance.now();
    if (left <= 0 || !await command.change(Math.min(left, TOOL_QUIET_MS), signal)) return;
  }
}

function describe(command: FollowedCommand, from: number, maxBytes: number): string {
  const excerpt = command.transcript.read(from, maxBytes);
  command.position = excerpt.to;
  return `${describeState(command)}\n${describeOutput(command, excerpt, from)}`;
}
