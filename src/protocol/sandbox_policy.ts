import type { Sandbox } from "./schemas/sandbox.ts";

/** Whom a policy is to confine. File operations use no network, so only the file system's part concerns them. */
export type ConfinedSubject = "process" | "files";

/**
 * What a policy takes away, in words, or undefined where it takes nothing away and can be obeyed without a sandbox.
 *
 * Measured with the reference server: under `disabled`, `external` and an unrestricted file system every file can be
 * written, and with `enabled` the network can be reached. `sandboxOverride` changes nothing. A policy of entries is
 * taken for a restriction whatever the entries are.
 */
export function restrictionOf(
  sandbox: Sandbox | null | undefined,
  subject: ConfinedSubject,
): string | undefined {
  if (!sandbox || sandbox.permissions.type === "disabled") return undefined;
  const { permissions } = sandbox;
  const restrictions = [
    permissions.type === "managed" && permissions.file_system.type === "restricted"
      ? "a restricted file system"
      : undefined,
    subject === "process" && permissions.network === "restricted" ? "no network" : undefined,
  ].filter((restriction) => restriction !== undefined);
  return restrictions.length === 0 ? undefined : restrictions.join(" and ");
}
