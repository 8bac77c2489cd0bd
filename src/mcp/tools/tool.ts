import * as z from "zod";
import { TOOL_ANSWER_BYTES, TOOL_LARGEST_ANSWER_BYTES, TOOL_LONGEST_WAIT_SECONDS } from "../../limits.ts";
import type { FollowedCommands } from "./followed_commands.ts";
import type { ToolMachines } from "./tool_machines.ts";

/** What a tool works with. */
export interface ToolDomain {
  readonly machines: ToolMachines;
  readonly commands: FollowedCommands;
}

/** One call of a tool. */
export interface ToolCall {
  /** Aborted when nobody waits for its answer any more. */
  readonly signal: AbortSignal;
  /** Tells now and then how far it is, where somebody wants to know; undefined for nothing new. */
  readonly progress: (say: () => string | undefined) => Disposable;
}

/** What a tool answers with. */
export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly data: string; readonly mimeType: string };

/** A tool: everything that a model is told of it, and what it does. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** For the model. */
  readonly description: string;
  readonly input: Input;
  /** Whether it changes nothing. */
  readonly isReadOnly: boolean;
  /** Whether it may destroy something. */
  readonly isDestructive: boolean;
  run(input: z.output<Input>, call: ToolCall, domain: ToolDomain): Promise<string | readonly ToolContent[]>;
}

/** Lets a tool's own input type what its `run` is given. */
export function defineTool<Input extends z.ZodObject>(tool: Tool<Input>): Tool {
  return tool as unknown as Tool;
}

/** Members that several tools have. */
export const members = {
  machine: z.string().optional().describe("The machine's name, see `list`; the default machine if left out"),
  process: z.string().describe(
    "The process: what `run` or `start` called it, or a name or handle from `list`",
  ),
  maxBytes: z.int().min(1).max(TOOL_LARGEST_ANSWER_BYTES).default(TOOL_ANSWER_BYTES)
    .describe("The most bytes of it to be told"),
  wait: z.number().min(0).max(TOOL_LONGEST_WAIT_SECONDS),
  env: z.record(z.string(), z.string()).optional().describe("Environment variables to set"),
  cwd: z.string().optional().describe("The directory to run in; the machine's own if left out"),
  command: z.union([z.string(), z.array(z.string()).min(1)])
    .describe("A command line for the machine's shell, or the program and its arguments as an array"),
};
