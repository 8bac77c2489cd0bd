import * as z from "zod";
import { TOOL_LINE_CHARS, TOOL_LONGEST_WAIT_SECONDS, TOOL_WAIT_SECONDS } from "../../limits.ts";
import { argvOf, withInputOf } from "../../machine/run/command_line.ts";
import type { MachineInfo } from "../../machine/machine_info.ts";
import type { Command } from "../../machine/run/run_options.ts";
import { bytesOf } from "../../machine/start_request.ts";
import { unref } from "../../unref.ts";
import { describeState, describeWhole } from "./describe_command.ts";
import type { FollowedCommand } from "./followed_command.ts";
import { defineTool, members } from "./tool.ts";
import { ToolError } from "./tool_error.ts";

/** Runs a command, and waits for its end as long as it is told to. */
export const runTool = defineTool({
  name: "run",
  title: "Run a command",
  description:
    "Runs a command and answers with its status and its output, standard output and standard error together. What takes " +
    "longer than `wait_seconds` goes on as a process that `read`, `write` and `signal` work with. Cancelling the call " +
    "kills it. For servers and everything that has a conversation, use `start`.",
  input: z.strictObject({
    command: members.command,
    machine: members.machine,
    cwd: members.cwd,
    env: members.env,
    input: z.string().optional().describe("What it reads from its standard input; nothing if left out"),
    wait_seconds: members.wait.default(TOOL_WAIT_SECONDS).describe("How long to wait for its end"),
    timeout_seconds: z.number().positive().max(TOOL_LONGEST_WAIT_SECONDS).optional().describe(
      "Kill it after this time; never if left out",
    ),
    max_bytes: members.maxBytes,
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ command, cwd, env, input, ...options }, call, { machines, commands }) {
    const machine = await machines.get(options.machine);
    const running = await commands.start(machine, {
      argv: argvWithInput(command, machine.info, input),
      cwd: machine.path(cwd ?? "."),
      env,
      pipeStdin: input !== undefined,
    }, titleOf(command));
    const disarm = killLater(running, options.timeout_seconds);
    if (call.signal.aborted) await running.process.terminate();
    const kill = () => void running.process.terminate().catch(() => {});
    call.signal.addEventListener("abort", kill);
    try {
      if (input !== undefined) feed(running, input);
      using _progress = call.progress(() => lastLine(running));
      await running.ended(options.wait_seconds * 1_000, call.signal);
    } finally {
      call.signal.removeEventListener("abort", kill);
      if (running.hasEnded) disarm();
    }
    return `${describeState(running)}\n${describeWhole(running, options.max_bytes)}`;
  },
});

/** Starts a process that goes on. */
export const startTool = defineTool({
  name: "start",
  title: "Start a process",
  description:
    "Starts a process that goes on: a server, a shell, a debugger, an editor. Answers at once with what `read`, `write`, " +
    "`screen` and `signal` call it. It ends with this session, unless `keep` has it run on with its machine's server.",
  input: z.strictObject({
    command: members.command,
    machine: members.machine,
    cwd: members.cwd,
    env: members.env,
    tty: z.boolean().default(false)
      .describe("Give it a terminal, 24 rows and 80 columns, as interactive and full-screen programs need"),
    stdin: z.boolean().default(false)
      .describe("Without a terminal: keep its standard input open for `write`; else it is empty"),
    name: z.string().min(1).optional().describe("What others find it by while it runs"),
    keep: z.boolean().default(false).describe("Let it run on after this session; needs a `name`"),
  }),
  isReadOnly: false,
  isDestructive: true,
  async run({ command, cwd, env, tty, stdin, name, keep, ...options }, _call, { machines, commands }) {
    const machine = await machines.get(options.machine);
    if (keep && name === undefined) throw new ToolError("keep needs a name, by which it is found later");
    if (keep && machine.endsWithConnection) {
      throw new ToolError(`"${machine.name}" has no server that goes on: nothing can be kept there`);
    }
    const started = await commands.start(machine, {
      argv: argvOf(command, machine.info, {}),
      cwd: machine.path(cwd ?? "."),
      env,
      tty,
      pipeStdin: stdin,
      screen: tty && machine.client.can("processScreenAnswers") ? { answers: true } : undefined,
      name,
      lifetime: keep ? "server" : undefined,
    }, titleOf(command));
    return `${describeState(started)}: read it with read ${JSON.stringify({ process: started.id })}`;
  },
});

function killLater(running: FollowedCommand, afterSeconds: number | undefined): () => void {
  if (afterSeconds === undefined) return () => {};
  const timer = unref(setTimeout(() => {
    if (running.hasEnded) return;
    running.timedOutSeconds = afterSeconds;
    running.process.terminate().catch(() => {});
  }, afterSeconds * 1_000));
  return () => clearTimeout(timer);
}

/** Not every server can end a process's input. */
function argvWithInput(command: Command, info: MachineInfo, input: string | undefined): readonly string[] {
  const argv = argvOf(command, info, {});
  if (input === undefined || info.capabilities.processCloseStdin) return argv;
  return withInputOf(bytesOf(input).length, argv);
}

/** What does not read it needs none. */
function feed({ process }: FollowedCommand, input: string): void {
  process.write(input).then(() => process.closeStdin()).catch(() => {});
}

function lastLine({ transcript }: FollowedCommand): string | undefined {
  const { text } = transcript.read(-4 * TOOL_LINE_CHARS, 4 * TOOL_LINE_CHARS);
  return text.trimEnd().split(/[\r\n]/).at(-1)?.slice(0, TOOL_LINE_CHARS);
}

function titleOf(command: Command): string {
  const text = typeof command === "string" ? command : command.join(" ");
  const [line = ""] = text.split("\n");
  return line.length > TOOL_LINE_CHARS ? `${line.slice(0, TOOL_LINE_CHARS)}...` : line;
}
