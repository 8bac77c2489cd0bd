import process from "node:process";
import type { FlagValues } from "./command.ts";
import { envFlags } from "./env_flags.ts";
import { escapeFlag } from "./escape_line.ts";
import { FLEET_RUNS } from "../limits.ts";
import { fleetGroup } from "./fleet_flags.ts";
import { limitFlags } from "./limit_flags.ts";
import { checkAskExec, execFlags } from "./exec_flags.ts";
import { sandboxFlags } from "./sandbox_flags.ts";
import { serverFlags } from "./server_flags.ts";
import { sshCopyFlags } from "./ssh_copy_flags.ts";
import { UsageError } from "./usage_error.ts";

const where = "Where";
const how = "How to run";
/** Flags of `exec-server run`. */
export const runFlags = {
  ...serverFlags,
  ...sshCopyFlags,
  "on-all": {
    value: "LABEL[,LABEL...]",
    group: fleetGroup,
    help:
      "Every host of a fleet that has these labels, all at once; GROUP/* or * for those of a group, or all",
  },
  "jobs": {
    value: "N",
    short: "j",
    group: fleetGroup,
    help: `With --on-all, run on at most so many hosts at once; ${FLEET_RUNS} by default`,
  },
  "cwd": {
    value: "DIR",
    short: "w",
    group: where,
    complete: "directories",
    help: "The directory to run in: a path on the server; its own directory by default",
  },
  ...envFlags,
  ...sandboxFlags,
  ...execFlags,
  ...limitFlags,
  "clear-env": { group: how, help: "Give the command no other variables than those of --env" },
  "timeout": {
    value: "DURATION",
    group: how,
    help: "End the command after this time (30s, 500ms, 2m, 1h) with status 124",
  },
  "tty": {
    short: "t",
    group: how,
    help: "Run the command on a terminal: editors, shells, everything that talks to people",
  },
  ...escapeFlag,
  "user": {
    value: "USER",
    short: "u",
    group: how,
    help: "Run it as another user of the server's machine, which needs a server that runs as root",
  },
  "detach": {
    short: "d",
    group: how,
    help:
      "Start it to run on with the server, print its name or handle, and end: for logs, attach, wait and kill",
  },
  "name": {
    value: "NAME",
    group: how,
    help: "What ps, logs, attach, wait and kill find it by while it runs",
  },
  "no-stdin": {
    short: "n",
    group: how,
    help: "Read no standard input and give the command none: in loops over lines, in the background",
  },
  "interactive": {
    short: "i",
    group: how,
    help:
      "With -d, keep its standard input open for who attaches; else nothing, since it is passed on anyway",
  },
  "record": {
    value: "FILE",
    group: how,
    complete: "files",
    help: "Record what it prints, with the times, as an asciicast file, which must not exist",
  },
  "json": { group: how, help: "Print every event as a line of JSON instead of the output" },
} as const;

/** What they say. */
export type RunFlags = FlagValues<typeof runFlags>;

/** @throws {UsageError} for what means nothing together */
export function checkRun(flags: RunFlags): void {
  if (flags["on-all"] !== undefined) checkOnAll(flags);
  else if (flags.jobs !== undefined) throw new UsageError("-j is for --on-all, which runs on several hosts");
  if (flags.tty && flags.json) {
    throw new UsageError("-t shows a terminal and --json prints events: choose one");
  }
  if (flags.tty && flags["no-stdin"]) {
    throw new UsageError("-t passes on the keys of a terminal and -n reads nothing: choose one");
  }
  if (flags.user !== undefined && flags.sandbox !== undefined) {
    throw new UsageError("--user needs root's rights, which --sandbox takes away: choose one");
  }
  checkAskExec(flags);
  if (flags.detach) checkDetached(flags);
  else if (flags.tty && !process.stdin.isTTY) throw new UsageError("-t needs a terminal on standard input");
}

/** @throws {UsageError} for what only one command can have */
function checkOnAll(flags: RunFlags): void {
  const single = (["tty", "interactive", "record", "ask-network", "ask-exec"] as const).find((name) =>
    flags[name]
  );
  if (single) throw new UsageError(`--${single} is for one command, and --on-all runs several: choose one`);
}

/** @throws {UsageError} for what needs somebody who stays */
function checkDetached({ json, timeout, record, "no-stdin": noStdin, interactive }: RunFlags): void {
  if (json) throw new UsageError("-d prints a name, and --json events: choose one");
  if (timeout !== undefined) {
    throw new UsageError("-d leaves the command, so that nobody is there for --timeout");
  }
  if (record !== undefined) {
    throw new UsageError(
      "-d leaves the command, so that nobody is there for --record; see exec-server record",
    );
  }
  if (noStdin && interactive) {
    throw new UsageError("-i keeps standard input open and -n gives none: choose one");
  }
}
