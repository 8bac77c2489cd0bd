import { ServerError } from "../machine/machine_error.ts";
import type { SignalName } from "../protocol/schemas/process.ts";
import { defineCommand } from "./command.ts";
import { print } from "./print.ts";
import { serverFlags } from "./server_flags.ts";
import type { SharedTarget } from "./shared_target.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

/** Signals by the names and numbers that people know. */
const signals: Readonly<Record<string, SignalName>> = {
  HUP: "hangup",
  INT: "interrupt",
  QUIT: "quit",
  KILL: "kill",
  USR1: "user1",
  USR2: "user2",
  TERM: "terminate",
  CONT: "continue",
  STOP: "stop",
  1: "hangup",
  2: "interrupt",
  3: "quit",
  9: "kill",
  15: "terminate",
};

const flags = {
  ...serverFlags,
  signal: {
    short: "s",
    value: "SIGNAL",
    complete: Object.keys(signals).filter((name) => /\D/.test(name)),
    help: "Send this to its process group instead, such as TERM, INT or HUP",
  },
} as const;

/** `exec-server kill` */
export const kill = defineCommand({
  name: "kill",
  summary: "End processes of a server and everything they started, or signal them",
  operands: "NAME...",
  complete: "processes",
  description:
    `NAME is a process's name, its handle, or the beginning of that. Only who has a process's keyboard may end it \
beside its owner: kill takes it for that moment.`,
  examples: ["--url ws://127.0.0.1:9000 build", "-s INT build test"],
  flags,
  async run({ flags: { signal, ...choice }, rest }, host) {
    if (rest.length === 0) throw new UsageError('"kill" needs processes: their names or handles');
    const name = signal === undefined ? undefined : parseSignal(signal);
    const { openShared } = await import("./shared_target.ts");
    await using target = await openShared(choice, host);
    let status = 0;
    for (const word of rest) {
      try {
        await end(target, word, name);
        const printed = await print(host, `${word}\n`);
        if (printed !== 0) return printed;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        status = 1;
        const text = `exec-server: ${visibleText(error.message)}\n`;
        await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
      }
    }
    return status;
  },
});

async function end({ processes }: SharedTarget, word: string, signal: SignalName | undefined): Promise<void> {
  const process = await processes.attach(word, { role: "control" });
  try {
    await process.takeKeyboard({ force: true });
    if (signal === undefined) await process.terminate();
    else await process.signal(signal);
  } finally {
    // It gives the keyboard back, too. The server may have forgotten the process by now.
    await process.detach().catch(() => {});
  }
}

/** @throws {UsageError} for one that there is not */
function parseSignal(text: string): SignalName {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const found = Object.hasOwn(signals, name) ? signals[name] : undefined;
  if (found) return found;
  const known = Object.keys(signals).filter((known) => /\D/.test(known));
  throw new UsageError(`--signal takes ${known.join(", ")} or their numbers, not "${text}"`);
}
