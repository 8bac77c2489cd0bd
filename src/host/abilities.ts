import type { Host } from "./host.ts";

/** What a machine has of what it may lack, as far as can be told without trying it. */
export function abilitiesOf(
  { hasTerminals, spawner }: Pick<Host, "hasTerminals" | "spawner">,
): Record<"terminals" | "limits" | "descriptors" | "transparentTcp" | "execDecisions", boolean> {
  const terminals = hasTerminals();
  // All go through the C library.
  return {
    terminals,
    limits: terminals && spawner.limited !== undefined,
    descriptors: terminals,
    transparentTcp: terminals && (spawner.confined?.mayCatch() ?? false),
    execDecisions: terminals && (spawner.decided?.isThere() ?? false),
  };
}
