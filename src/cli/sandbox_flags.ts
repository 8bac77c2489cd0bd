import type { SandboxRequest } from "../machine/sandbox_request.ts";
import { type NetworkFlags, networkFlags, parseNetwork } from "./network_flags.ts";
import { UsageError } from "./usage_error.ts";

/** The group of flags that says what a command may do. */
const group = "What it may do";
const modes = ["read-only", "workspace-write"] as const;

/** Flags that confine a command. */
export const sandboxFlags = {
  "sandbox": {
    value: "MODE",
    group,
    complete: modes,
    help: "Confine the command: read-only, or workspace-write, which may write to its directory and to /tmp",
  },
  "writable": {
    value: "DIR",
    group,
    repeat: true,
    complete: "directories",
    help: "Another directory that workspace-write may write to: a path on the server",
  },
  ...networkFlags,
} as const;

interface SandboxFlags extends NetworkFlags {
  readonly sandbox: string | undefined;
  readonly writable: readonly string[];
}

/**
 * How the flags confine a command. Whoever is to be asked is put in later.
 *
 * @throws {UsageError} for what means nothing together
 */
export function parseSandbox(flags: SandboxFlags): SandboxRequest | undefined {
  const { sandbox: mode, writable } = flags;
  if (mode === undefined) {
    if (writable.length > 0) {
      throw new UsageError("--writable is for a command with --sandbox workspace-write");
    }
    parseNetwork(flags, false);
    return undefined;
  }
  if (mode !== "read-only" && mode !== "workspace-write") {
    throw new UsageError(`--sandbox takes ${modes.join(" or ")}, not "${mode}"`);
  }
  if (mode === "read-only" && writable.length > 0) {
    throw new UsageError("--writable is for --sandbox workspace-write: read-only writes nowhere");
  }
  return { mode, writable, network: parseNetwork(flags, true) };
}

/** @throws {UsageError} where there is no terminal to ask at */
export async function withQuestions(sandbox: SandboxRequest, asks: boolean): Promise<SandboxRequest> {
  if (!asks || typeof sandbox.network !== "object") return sandbox;
  const { askAtTerminal } = await import("./network_questions.ts");
  return { ...sandbox, network: { ...sandbox.network, ask: await askAtTerminal() } };
}
