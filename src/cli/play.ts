import { setTimeout as pause } from "node:timers/promises";
import { TIMER_MS } from "../limits.ts";
import { defineCommand } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { BrokenOutput, writeOutput } from "./local_output.ts";
import { brokenPipe } from "./run_status.ts";
import { UsageError } from "./usage_error.ts";

/** `exec-server play`: shows a recording as it went, or gives back what was printed. */
export const play = defineCommand({
  name: "play",
  summary: "Play a recording",
  operands: "FILE",
  complete: "files",
  description: `FILE is a recording in asciicast v2 or v3, such as serve --record-dir makes.

--raw writes what the process printed, at once and byte by byte: its stdout to stdout and its stderr to
stderr.`,
  examples: ["build.cast", "--speed 4 --idle-limit 2s --from 1m build.cast", "--raw build.cast > output"],
  flags: {
    speed: { value: "N", help: "So many times as fast; 1 by default" },
    "idle-limit": { value: "DURATION", help: "Make no pause longer than this, such as 2s" },
    from: {
      value: "DURATION",
      help: "Show what comes before this time of the recording at once, such as 1m",
    },
    raw: { help: "Write what was printed, without its times" },
  },
  async run({ flags, rest: [file, surplus] }, { writeStandard }) {
    if (file === undefined || surplus !== undefined) throw new UsageError("play takes one file");
    const idleMs = flags["idle-limit"] === undefined
      ? TIMER_MS
      : parseDuration("idle-limit", flags["idle-limit"]);
    const speed = flags.speed === undefined ? 1 : Number(flags.speed);
    if (!(speed > 0 && speed < Infinity)) {
      throw new UsageError(`--speed takes a number above 0, not "${flags.speed}"`);
    }
    const fromMs = flags.from === undefined ? 0 : parseDuration("from", flags.from);
    const { castEvents } = await import("./cast_events.ts");
    let shownMs = fromMs;
    try {
      for await (const event of castEvents(file)) {
        if (!("atMs" in event)) continue;
        const waitMs = flags.raw ? 0 : (event.atMs - shownMs) / speed;
        if (waitMs > 0) await pause(Math.min(waitMs, idleMs));
        shownMs = Math.max(shownMs, event.atMs);
        if (event.kind !== "output") continue;
        await writeOutput(writeStandard, flags.raw ? event.stream : "stdout", event.bytes);
      }
    } catch (error) {
      if (error instanceof BrokenOutput) return brokenPipe;
      throw error;
    }
    return 0;
  },
});
