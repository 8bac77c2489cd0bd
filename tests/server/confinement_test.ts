import { doesNotThrow, throws } from "node:assert/strict";
import { refuseFileConfinement } from "../../src/server/handlers/confinement.ts";
import type { Permissions, Sandbox } from "../../src/protocol/schemas/sandbox.ts";

const policy = (permissions: Permissions, more: Partial<Sandbox> = {}): Sandbox => ({
  permissions,
  windowsSandboxLevel: "disabled",
  ...more,
});
const unrestricted = { type: "unrestricted" } as const;
const everything = { type: "restricted", entries: [] } as const;
const writable: Permissions = {
  type: "managed",
  network: "enabled",
  file_system: {
    type: "restricted",
    entries: [{ path: { type: "special", value: { kind: "root" } }, access: "write" }],
  },
};
const managed = (
  file_system: { type: "unrestricted" } | { type: "restricted"; entries: readonly [] },
  network: "enabled" | "restricted",
) => policy({ type: "managed", file_system: file_system as typeof unrestricted, network });
Deno.test("refuseFileConfinement minds the file system only", () => {
  for (
    const sandbox of [
      null,
      undefined,
      policy({ type: "external", network: "restricted" }),
      managed(unrestricted, "restricted"),
    ]
  ) {
    doesNotThrow(() => refuseFileConfinement(sandbox));
  }
  for (const sandbox of [managed(everything, "enabled"), policy(writable)]) {
    throws(() => refuseFileConfinement(sandbox), {
      code: -32603,
      message: /file operation a restricted file system:/,
    });
  }
});
