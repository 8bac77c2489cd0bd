import { UsageError } from "./usage_error.ts";

/** The flag by which a person is asked about what a command runs. */
export const execFlags = {
  "ask-exec": {
    group: "What it may do",
    help: "Ask at the terminal about every program that the command starts",
  },
} as const;

/** @throws {UsageError} for what means nothing together */
export function checkAskExec(flags: Readonly<Record<"ask-exec" | "tty" | "detach", boolean>>): void {
  if (!flags["ask-exec"]) return;
  if (flags.tty) {
    throw new UsageError("-t gives the terminal to the command, and --ask-exec asks there: choose one");
  }
  if (flags.detach) throw new UsageError("-d leaves the command, so that nobody is there for --ask-exec");
}
