import { defineCommand } from "./command.ts";
import { parseDetachKeys } from "./detach_keys.ts";
import { escapeFlag, EscapeLine, parseEscapeChar } from "./escape_line.ts";
import { serverFlags } from "./server_flags.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  ...serverFlags,
  "read-only": { help: "Only look on" },
  "take": { help: "Take the keyboard from its owner, or from whoever has it, and give it back at the end" },
  "detach-keys": {
    value: "KEYS",
    help: "The keys that leave the process running: ctrl-p,ctrl-q by default",
  },
  ...escapeFlag,
} as const;

/** `exec-server attach` */
export const attach = defineCommand({
  name: "attach",
  summary: "See a process of a server live, and type into it",
  operands: "NAME",
  complete: "processes",
  description:
    `NAME is a process's name, its handle, or the beginning of that. A process that nobody owns any more is typed into \
at once. One with an owner is only looked at, until --take takes its keyboard: then what its owner writes is refused until \
the keyboard is given back, which the end of attach does.

The keys ctrl-p and ctrl-q, one after the other, leave the process running, and so does ~. at the start of a line on a \
terminal. Exit status: the process's own, 0 when it was \
left, 125 when exec-server itself failed.`,
  examples: ["--url ws://127.0.0.1:9000 build", "--take build", "--read-only --detach-keys ctrl-],d build"],
  flags,
  async run({ flags, rest }, host) {
    const { take, "read-only": readOnly, "detach-keys": keys = "ctrl-p,ctrl-q" } = flags;
    if (take && readOnly) throw new UsageError("--take types and --read-only does not: choose one");
    const detachKeys = parseDetachKeys(keys);
    const escapeChar = parseEscapeChar(flags["escape-char"]);
    const escapes = escapeChar === undefined ? undefined : new EscapeLine(escapeChar);
    const { oneName, openShared } = await import("./shared_target.ts");
    const name = oneName("attach", rest);
    await using target = await openShared(flags, host);
    const { attachTo } = await import("./attach_process.ts");
    return await attachTo(target, name, { take, readOnly, detachKeys, escapes, write: host.writeStandard });
  },
});
