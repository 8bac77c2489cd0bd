import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as v from "valibot";
import { managedNetwork, networkProxy, sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { startReference } from "../support/callable.ts";

const base = { permissions: { type: "disabled" }, windowsSandboxLevel: "disabled" };
const withPermissions = (permissions: unknown) => ({ ...base, permissions });
const restricted = (members: object) =>
  withPermissions({ type: "managed", network: "enabled", file_system: { type: "restricted", ...members } });
const entry = (members: object) => restricted({ entries: [members] });
const special = (value: unknown) => entry({ access: "read", path: { type: "special", value } });
const proxy = {
  enabled: true,
  enableSocks5: false,
  enableSocks5Udp: false,
  allowUpstreamProxy: false,
  dangerouslyAllowAllUnixSockets: false,
  mode: "full",
  allowLocalBinding: true,
};
const path = { type: "path", path: "file:///tmp" };

/** What is said and what should be made of it, by the member of `process/start`. */
const values: Record<"sandbox" | "managedNetwork" | "networkProxy", unknown[]> = {
  sandbox: [
    null,
    base,
    {},
    "x",
    { permissions: { type: "disabled" } },
    { ...base, windowsSandboxLevel: "zz" },
    { ...base, unknown: 5 },
    ...[null, 5, "file:///x"].map((cwd) => ({ ...base, cwd })),
    ...[null, {}, 5, { cwd: null }, { workspaceRoots: null }, { cwd: "file:///", workspaceRoots: [] }]
      .map((policyContext) => ({ ...base, policyContext })),
    ...[null, [], [1], ["file:///"]].map((workspaceRoots) => ({ ...base, workspaceRoots })),
    ...[null, "file:///"].map((userHomeDir) => ({ ...base, userHomeDir })),
    ...[null, [], [5]].map((temporaryDirectories) => ({ ...base, temporaryDirectories })),
    ...[null, "preserve", "zz"].map((mode) => ({ ...base, windowsSandboxProxySettingsMode: mode })),
    ...[null, "noOverride", "bypassSandboxFirstAttempt", "zz"].map((mode) => ({
      ...base,
      sandboxOverride: mode,
    })),
    ...[null, true, 5].map((useLegacyLandlock) => ({ ...base, useLegacyLandlock })),
    ...[null, "disabled", {}, { type: "zz" }, { type: "external" }, { type: "external", network: "enabled" }]
      .map(withPermissions),
    ...[{ type: "external", network: "zz" }, { type: "managed" }, { type: "managed", network: "enabled" }]
      .map(withPermissions),
    withPermissions({ type: "managed", file_system: { type: "unrestricted" } }),
    withPermissions({ type: "managed", file_system: { type: "unrestricted" }, network: "enabled" }),
    withPermissions({ type: "managed", file_system: { type: "zz" }, network: "enabled" }),
    restricted({}),
    restricted({ entries: [], glob_scan_max_depth: 0 }),
    restricted({ entries: [], glob_scan_max_depth: 1 }),
    restricted({ entries: [], glob_scan_max_depth: null }),
    entry({}),
    entry({ path }),
    ...["read", "write", "deny", "none", "zz"].map((access) => entry({ path, access })),
    ...["skip", null, "zz"].map((behavior) =>
      entry({ path, access: "read", missing_path_behavior: behavior })
    ),
    entry({ path: { type: "zz" }, access: "read" }),
    entry({ path: { type: "glob_pattern" }, access: "deny" }),
    entry({ path: { type: "glob_pattern", pattern: "**/x" }, access: "deny" }),
    ...["minimal", "current_working_directory", "tmpdir", "slash_tmp", "zz"].map((kind) => special({ kind })),
    ...[".git", null, 5].map((subpath) => special({ kind: "project_roots", subpath })),
    special("root"),
    special({ kind: "unknown" }),
    special({ kind: "unknown", path: "x", subpath: "y" }),
  ],
  managedNetwork: [
    null,
    {},
    5,
    ...[null, [70_000], [-1], [80]].map((loopbackPorts) => ({ loopbackPorts })),
    ...[null, 5, true].map((allowLocalBinding) => ({ allowLocalBinding })),
    ...[null, ["x"], [5]].map((allowUnixSockets) => ({ allowUnixSockets })),
    { unknown: 1 },
  ],
  networkProxy: [
    null,
    {},
    5,
    { proxy: {} },
    { proxy },
    ...Object.keys(proxy).map((name) => ({ proxy: { ...proxy, [name]: undefined } })),
    { proxy: { ...proxy, mode: "zz" } },
    ...[null, 0, "x", false].map((transparentTcp) => ({ proxy: { ...proxy, transparentTcp } })),
    ...[0, -1, null, 5].map((policyDecisionTimeoutMs) => ({ proxy, policyDecisionTimeoutMs })),
    ...[5, "x"].map((environmentId) => ({ proxy, environmentId })),
    ...[5, "x"].map((executionId) => ({ proxy, executionId })),
    ...[5, {}].map((auditMetadata) => ({ proxy, auditMetadata })),
    ...[5, null, { a: "zz" }, { a: "deny" }].map((domains) => ({ proxy: { ...proxy, domains } })),
    ...[5, null].map((unixSockets) => ({ proxy: { ...proxy, unixSockets } })),
    ...[5, ["a"]].map((reviewDomains) => ({ proxy: { ...proxy, reviewDomains } })),
    ...[5, true].map((credentialMasking) => ({ proxy: { ...proxy, credentialMasking } })),
    ...[5, { a: 5 }].map((credentialProviders) => ({ proxy: { ...proxy, credentialProviders } })),
  ],
};

const schemas = { sandbox, managedNetwork, networkProxy };

Deno.test("the policy schemas accept what the reference server accepts", async () => {
  await using reference = await startReference();
  for (const member of ["sandbox", "managedNetwork", "networkProxy"] as const) {
    for (const [index, value] of values[member].entries()) {
      const { error } = await reference.call("process/start", {
        processId: `${member}${index}`,
        argv: ["true"],
        cwd: "file:///",
        env: { PATH: "/usr/bin:/bin" },
        tty: false,
        [member]: value,
      });
      // Other errors come after the params were decoded, and so does this one.
      const theirs = error?.code !== -32602 || /timeout must be nonzero/.test(error.message);
      strictEqual(v.is(v.nullish(schemas[member]), value), theirs, JSON.stringify({ [member]: value }));
    }
  }
});

Deno.test("the policy schemas keep what they know and drop the rest", () => {
  const known = {
    ...restricted({ entries: [{ path: { type: "special", value: { kind: "root" } }, access: "read" }] }),
    cwd: "file:///x",
  };
  deepStrictEqual(v.parse(sandbox, { ...known, unknown: 1 }), known);
});
