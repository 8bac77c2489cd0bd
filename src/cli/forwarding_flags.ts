import type { ForwardingOptions } from "../server/forwarding.ts";
import { UsageError } from "./usage_error.ts";

/** The flags of a server about the ports that it connects to. */
export const forwardingFlags = {
  "no-forward": { help: "Connect clients to no ports of this machine" },
  "forward-to": {
    value: "HOST",
    repeat: true,
    help: "Connect clients to ports of this host, too; by default only to the loopback addresses",
  },
} as const;

/** @throws {UsageError} for what means nothing together */
export function forwardingOf(
  flags: { readonly "no-forward": boolean; readonly "forward-to": readonly string[] },
): ForwardingOptions {
  const { "no-forward": isOff, "forward-to": hosts } = flags;
  if (isOff && hosts.length > 0) throw new UsageError("--no-forward and --forward-to: choose one");
  const wrong = hosts.find((host) => !/^[A-Za-z0-9._:-]+$/.test(host));
  if (wrong !== undefined) {
    throw new UsageError(`--forward-to takes a host's name or address, not "${wrong}"`);
  }
  return { isOn: !isOff, hosts };
}
