import process from "node:process";
import type { NetworkRequest } from "../machine/network_request.ts";
import { UsageError } from "./usage_error.ts";

/** The group of flags that says what a command may do. */
const group = "What it may do";

/** Flags for the network of a confined command. */
export const networkFlags = {
  "network": {
    value: "none|full",
    group,
    complete: ["none", "full"],
    help: "Which network a confined command has; none by default",
  },
  "allow-domain": {
    value: "PATTERN",
    group,
    repeat: true,
    help:
      "A host that a confined command may reach through a proxy: example.com, *.example.com, or * for all",
  },
  "deny-domain": {
    value: "PATTERN",
    group,
    repeat: true,
    help: "A host that it may not, whatever allows it",
  },
  "transparent-network": {
    group,
    help: "Let programs that know of no proxy reach those hosts, too: every connection by TCP is caught",
  },
  "ask-network": { group, help: "Ask at the terminal about every host that is neither allowed nor denied" },
} as const;

/** What the flags say, and those that bear on them. */
export interface NetworkFlags {
  readonly network: string | undefined;
  readonly "allow-domain": readonly string[];
  readonly "deny-domain": readonly string[];
  readonly "transparent-network": boolean;
  readonly "ask-network": boolean;
  readonly tty: boolean;
  readonly detach: boolean;
}

/**
 * The network that the flags ask for. Whoever is to be asked is put in later.
 *
 * @param isConfined whether the command is confined at all
 * @throws {UsageError} for what means nothing together
 */
export function parseNetwork(
  flags: NetworkFlags,
  isConfined: boolean,
): "none" | "full" | NetworkRequest | undefined {
  const { network, "allow-domain": allow, "deny-domain": deny, "ask-network": asks, tty, detach } = flags;
  const transparent = flags["transparent-network"];
  const given = allow.length > 0
    ? "--allow-domain"
    : deny.length > 0
    ? "--deny-domain"
    : asks
    ? "--ask-network"
    : transparent
    ? "--transparent-network"
    : undefined;
  if (!isConfined) {
    const flag = network === undefined ? given : "--network";
    if (flag !== undefined) throw new UsageError(`${flag} is for a command with --sandbox`);
    return undefined;
  }
  if (network !== undefined && network !== "none" && network !== "full") {
    throw new UsageError(`--network takes none or full, not "${network}"`);
  }
  if (given === undefined) return network;
  if (network !== undefined) {
    throw new UsageError(
      `${given} gives the command a network of chosen hosts, and --network another: choose one`,
    );
  }
  if (asks && tty) {
    throw new UsageError("-t gives the terminal to the command, and --ask-network asks there: choose one");
  }
  if (asks && detach) {
    throw new UsageError("-d leaves the command, so that nobody is there for --ask-network");
  }
  return { allow, deny, transparent };
}

/** Whether the terminal that questions are asked at would be read for the command, too. */
export function asksAtStandardInput(
  flags: Readonly<Record<"ask-network" | "ask-exec", boolean>>,
): boolean {
  return (flags["ask-network"] || flags["ask-exec"]) && process.stdin.isTTY === true;
}
