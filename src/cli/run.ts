import process from "node:process";
import { workingDirectory } from "../host/working_directory.ts";
import { sshMachine } from "../transport/ssh_url.ts";
import { defineCommand } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { parseEnv } from "./env_flags.ts";
import { EscapeLine, parseEscapeChar } from "./escape_line.ts";
import { limitsOf } from "./limit_flags.ts";
import type { LocalRecording } from "./local_recording.ts";
import { asksAtStandardInput } from "./network_flags.ts";
import { print } from "./print.ts";
import type { ProgramHost } from "./program_host.ts";
import { checkRun, type RunFlags, runFlags } from "./run_flags.ts";
import { checkShared, commandOf, type RunPlan } from "./run_plan.ts";
import { parseSandbox } from "./sandbox_flags.ts";
import { endsWithCommand, serverAtUrl } from "./server_flags.ts";
import { StandardInput } from "./standard_input.ts";
import { StartFailure } from "./start_failure.ts";
import type { Target } from "./target.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

/** `exec-server run` */
export const run = defineCommand({
  name: "run",
  summary: "Run one command, here or on a server, and behave like it",
  operands: "-- CMD [ARG...]",
  complete: "command line",
  description:
    `Standard input is passed on, standard output and error come back byte for byte. Ctrl-C and other signals are \
passed on too; a second Ctrl-C kills the command.

Whatever stands on standard input is read at once, also where the command reads none of it: give -n in a loop such as \
"while read line".

With -t, ~. at the start of a line ends the command, and ~? tells what else there is.

With --sandbox the command cannot write outside of what that names, and has no network unless --network full gives it \
one, or --allow-domain, --deny-domain and --ask-network one of chosen hosts. Where that cannot be had it does not run. \
With --ask-exec you are asked about every program that the command starts, which approves and confines nothing. With \
--ask-network or --ask-exec a terminal on standard input is for answers, and not passed on. With --memory, --cpus and --pids it \
gets no more than that, or does not run.

With --on-all it runs on every host of a fleet that has some labels, and reads no standard input. What it prints comes \
in whole lines behind the name of the host. The exit status is the highest of all; on which hosts it failed is told at the \
end.

Exit status: the command's own, 128+N when signal N ended it, 124 after --timeout, 125 when exec-server itself failed, \
126 when the command cannot be run, 127 when it is not found.`,
  examples: [
    "-- sh -c 'echo hello; exit 3'",
    "--url ws://127.0.0.1:9000 --cwd /srv/app --env MODE=test --timeout 2m -- make test",
    "--environment build -- make test",
    "--sandbox workspace-write --network none -- make test",
    "--sandbox workspace-write --allow-domain packages.example.com --ask-network -- npm ci",
    "-it -- bash",
    "--url ssh://build -- make test",
    "-d --name build --url ws://127.0.0.1:9000 -- make test",
    "--on-all zone=eu -j 8 -- systemctl restart web",
    "--url wss://build.example.com --token-file token.txt --json -- uname -a",
  ],
  flags: runFlags,
  async run({ flags, rest }, host) {
    if (!rest[0]) {
      throw new UsageError("run needs a command: exec-server run [FLAGS] -- CMD [ARG...]");
    }
    const onAll = flags["on-all"] !== undefined;
    const atUrl = onAll ? undefined : serverAtUrl(flags);
    checkRun(flags);
    const plan: RunPlan = {
      flags,
      atUrl,
      argv: rest,
      env: parseEnv(flags),
      escapeChar: parseEscapeChar(flags["escape-char"]),
      confinement: parseSandbox(flags),
      limits: limitsOf(flags),
      timeoutMs: flags.timeout === undefined ? undefined : parseDuration("timeout", flags.timeout),
    };
    if (onAll) {
      const { runOnAll } = await import("./run_on_all.ts");
      return await runOnAll(plan, host);
    }
    try {
      return await runAsPlanned(plan, host);
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      const text = `exec-server: ${visibleText(error.message)}\n`;
      await host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
      return error.status;
    }
  },
});

/** @returns the status to end with */
async function runAsPlanned(plan: RunPlan, host: ProgramHost): Promise<number> {
  const { flags, limits, escapeChar, timeoutMs } = plan;
  // Before anything else takes time: what is there is taken every time, or never.
  const isPassedOn = !flags["no-stdin"] && !flags.detach && !asksAtStandardInput(flags);
  using input = isPassedOn ? new StandardInput() : undefined;
  // Only this command is a client.
  const { openTarget } = await import("./target.ts");
  const server = await serverOf(plan, host);
  // What is counted in groups is in one of this program's, and ends with it.
  if (limits && server === "local") await host.spawner.programEnd?.watch();
  await using target = await openTarget(server, host, flags);
  const { client } = target;
  await using recording = await recordingOf(flags);
  await checkShared(client, flags);
  const command = await commandOf(plan, client, server === "local" ? workingDirectory() : undefined);
  if (flags.detach) {
    const { runDetached } = await import("./run_detached.ts");
    const known = await runDetached(client, { ...command, keepsInput: flags.interactive });
    return await print(host, `${known}\n`);
  }
  const { runProcess } = await import("./run_process.ts");
  return await runProcess(client, {
    ...command,
    input,
    escapes: flags.tty && escapeChar !== undefined ? new EscapeLine(escapeChar) : undefined,
    timeoutMs,
    recording,
    json: flags.json,
    write: host.writeStandard,
  });
}

/** @throws {UsageError} for a server that cannot do what the flags ask for */
async function serverOf({ flags, atUrl }: RunPlan, host: ProgramHost): Promise<Target> {
  const { namedServer } = await import("./target.ts");
  const isOverSsh = typeof atUrl === "object" && "url" in atUrl && sshMachine(atUrl.url) !== undefined;
  if (!isOverSsh && (flags.yes || flags.binary !== undefined)) {
    throw new UsageError("--yes and --binary are for --url ssh://HOST");
  }
  if (flags.detach && isOverSsh) throw endsWithCommand();
  const server = atUrl ?? await namedServer(flags, host);
  if (flags.detach && server === "local") {
    throw new UsageError(
      "-d needs a server that goes on: name it by --url, --environment or EXEC_SERVER_URL",
    );
  }
  return server;
}

/** @throws {UsageError} where there can be no such file */
async function recordingOf({ record, tty, name }: RunFlags): Promise<LocalRecording | undefined> {
  if (record === undefined) return undefined;
  const { LocalRecording } = await import("./local_recording.ts");
  const { columns: cols, rows } = process.stdout;
  const size = tty && cols && rows ? { cols, rows } : undefined;
  return await LocalRecording.create(record, { tty, size, name });
}
