import { doesNotThrow, throws } from "node:assert/strict";
import {
  type ConfinementRequest,
  refuseConfinement,
  refuseFileConfinement,
} from "../../src/process/confinement.ts";
import type { NetworkProxy, Permissions, Sandbox } from "../../src/protocol/schemas/sandbox.ts";

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
const proxy: NetworkProxy = {
  proxy: {
    enabled: true,
    enableSocks5: false,
    enableSocks5Udp: false,
    allowUpstreamProxy: false,
    dangerouslyAllowAllUnixSockets: false,
    mode: "full",
    allowLocalBinding: true,
  },
};

function refused(request: ConfinementRequest, asked: RegExp): void {
  throws(
    () => refuseConfinement(request),
    (error: Error & { code: number }) =>
      error.code === -32603 && /^This server has no sandbox and cannot give a process /.test(error.message) &&
      asked.test(error.message),
  );
}

Deno.test("refuseConfinement lets through what asks for no confinement", () => {
  const requests: ConfinementRequest[] = [
    {},
    { sandbox: null, enforceManagedNetwork: false, managedNetwork: null, networkProxy: null },
    { enforceManagedNetwork: true },
    { managedNetwork: {} },
    { sandbox: policy({ type: "disabled" }) },
    { sandbox: policy({ type: "external", network: "enabled" }) },
    { sandbox: managed(unrestricted, "enabled") },
  ];
  for (const request of requests) doesNotThrow(() => refuseConfinement(request), JSON.stringify(request));
});

Deno.test("refuseConfinement refuses every restriction", () => {
  refused({ sandbox: policy({ type: "external", network: "restricted" }) }, /no network:/);
  refused({ sandbox: managed(unrestricted, "restricted") }, /no network:/);
  refused({ sandbox: managed(everything, "enabled") }, /a restricted file system:/);
  refused({ sandbox: managed(everything, "restricted") }, /a restricted file system and no network:/);
  refused({ sandbox: policy(writable) }, /a restricted file system:/);
  refused(
    { sandbox: policy(writable, { sandboxOverride: "bypassSandboxFirstAttempt" }) },
    /a restricted file system:/,
  );
});

Deno.test("refuseConfinement refuses managed networking", () => {
  refused({ networkProxy: proxy }, /a network proxy:/);
  refused({ sandbox: policy({ type: "disabled" }), enforceManagedNetwork: true }, /a managed network:/);
  refused({ managedNetwork: { loopbackPorts: [1] } }, /a managed network:/);
  refused({ managedNetwork: { allowLocalBinding: false } }, /a managed network:/);
});

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
