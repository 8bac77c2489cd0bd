import { doesNotThrow, throws } from "node:assert/strict";
import {
  type ManagedNetworkRequest,
  refuseFileConfinement,
  refuseManagedNetwork,
} from "../../src/server/handlers/confinement.ts";
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

function refused(request: ManagedNetworkRequest, asked: RegExp): void {
  throws(
    () => refuseManagedNetwork(request),
    (error: Error & { code: number }) =>
      error.code === -32603 && /^This server has no network proxy/.test(error.message) &&
      asked.test(error.message),
  );
}

Deno.test("refuseManagedNetwork lets through what takes no proxy", () => {
  const requests: ManagedNetworkRequest[] = [
    {},
    { sandbox: null, enforceManagedNetwork: false, managedNetwork: null, networkProxy: null },
    { enforceManagedNetwork: true },
    { managedNetwork: { loopbackPorts: [1], allowLocalBinding: true } },
    { sandbox: policy({ type: "external", network: "restricted" }) },
    { sandbox: managed(everything, "restricted") },
  ];
  for (const request of requests) doesNotThrow(() => refuseManagedNetwork(request), JSON.stringify(request));
});

Deno.test("refuseManagedNetwork refuses what does", () => {
  refused({ networkProxy: proxy }, /a network proxy:/);
  refused({ sandbox: policy({ type: "disabled" }), enforceManagedNetwork: true }, /a managed network:/);
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
