import * as z from "zod";
import { TOOL_LINE_CHARS, TOOL_PROCESSES } from "../../limits.ts";
import type { ListedProcess } from "../../machine/shared_process.ts";
import { describeState } from "./describe_command.ts";
import { defineTool, members, type ToolDomain } from "./tool.ts";
import type { ToolMachine } from "./tool_machine.ts";

/** Tells what there is to work with. */
export const listTool = defineTool({
  name: "list",
  title: "List machines and processes",
  description:
    "Lists the machines that there are, and the processes that were started here. With `machine` it connects to that " +
    "one, tells what it is, and lists the other processes of its server, with the name or handle that " +
    "`read`, `screen` and `signal` take.",
  input: z.strictObject({ machine: members.machine }),
  isReadOnly: true,
  isDestructive: false,
  async run({ machine: name }, _call, domain) {
    if (name === undefined) return [await machineLines(domain), ...ownLines(domain)].join("\n");
    const machine = await domain.machines.get(name);
    return [about(machine), ...ownLines(domain, name), ...await serverLines(machine, domain)].join("\n");
  },
});

async function machineLines({ machines }: ToolDomain): Promise<string> {
  const { defaultName } = machines.choices;
  const choices = await machines.choices.list();
  if (choices.length === 0) return "There is no machine just now.";
  const lines = choices.map(({ name, about }) =>
    `- ${name}: ${about}${name === defaultName ? " (the default machine)" : ""}`
  );
  return ["Machines:", ...lines].join("\n");
}

function about({ name, info, directory, sandbox }: ToolMachine): string {
  const confined = sandbox === undefined ? "" : `; commands are confined: ${sandbox.mode}`;
  return `${name}: ${info.os}, shell ${info.shell.path}, commands start in ${directory}${confined}`;
}

function ownLines({ commands }: ToolDomain, machine?: string): string[] {
  const own = commands.own.filter((command) => machine === undefined || command.machine === machine);
  if (own.length === 0) return ["No process was started here."];
  return [
    "Processes that were started here:",
    ...own.map((command) => `- ${describeState(command)}: ${command.title}`),
  ];
}

/** Those of a server of another kind cannot be told. */
async function serverLines({ name, client, exec }: ToolMachine, { commands }: ToolDomain): Promise<string[]> {
  if (!client.can("attach")) return [];
  const own = new Set(
    commands.own.filter(({ machine }) => machine === name).map(({ process }) => process.pid),
  );
  const processes = (await exec.list()).filter(({ pid }) => !own.has(pid));
  if (processes.length === 0) return [];
  const surplus = processes.length - TOOL_PROCESSES;
  const left = surplus > 0 ? [`and ${surplus} older ones`] : [];
  return ["Other processes of its server:", ...processes.slice(-TOOL_PROCESSES).map(processLine), ...left];
}

function processLine(process: ListedProcess): string {
  const { name, handle, argv0, argv, tty, exited, exitCode, owner } = process;
  const what = (argv ?? [argv0]).join(" ").split("\n")[0]!.slice(0, TOOL_LINE_CHARS);
  const state = exited ? `ended with status ${exitCode}` : "runs";
  const whose = owner === null ? ", whose client is gone" : "";
  return `- ${name ?? handle}: ${state}${tty ? ", on a terminal" : ""}${whose}: ${what}`;
}
