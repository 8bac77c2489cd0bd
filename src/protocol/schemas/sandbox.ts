import * as v from "valibot";
import { optional, unsigned } from "./values.ts";

/**
 * Schemas of what a client asks for when it wants a process or a file operation confined. The members inside
 * `permissions` are in snake case, all others in camel case.
 */

const network = v.picklist(["restricted", "enabled"]);

const specialPath = v.variant("kind", [
  ...(["root", "minimal", "current_working_directory", "project_roots", "tmpdir", "slash_tmp"] as const)
    .map((kind) => v.object({ kind: v.literal(kind), subpath: optional(v.string()) })),
  v.object({ kind: v.literal("unknown"), path: v.string(), subpath: optional(v.string()) }),
]);

const policyPath = v.variant("type", [
  v.object({ type: v.literal("path"), path: v.string() }),
  v.object({ type: v.literal("glob_pattern"), pattern: v.string() }),
  v.object({ type: v.literal("special"), value: specialPath }),
]);

const fileSystem = v.variant("type", [
  v.object({ type: v.literal("unrestricted") }),
  v.object({
    type: v.literal("restricted"),
    entries: v.array(v.object({
      path: policyPath,
      access: v.picklist(["read", "write", "deny", "none"]),
      missing_path_behavior: optional(v.literal("skip")),
    })),
    /** Levels of directories that a glob pattern is looked for in. */
    glob_scan_max_depth: optional(v.pipe(unsigned, v.minValue(1, "must be at least 1"))),
  }),
]);

/** What a process may do: everything, what somebody else confines it to, or what the policy says. */
export const permissions = v.variant("type", [
  v.object({ type: v.literal("disabled") }),
  v.object({ type: v.literal("external"), network }),
  v.object({ type: v.literal("managed"), file_system: fileSystem, network }),
]);

/** Where a policy's relative and special paths are resolved. */
export const policyContext = v.object({
  cwd: optional(v.string()),
  workspaceRoots: v.optional(v.array(v.string())),
});

/** A policy. The server chooses the mechanism. */
export const sandbox = v.object({
  permissions,
  windowsSandboxLevel: v.picklist(["disabled", "restricted-token", "elevated", "mxc"]),
  cwd: optional(v.string()),
  policyContext: optional(policyContext),
  /** What `project_roots` stands for, as file URIs. */
  workspaceRoots: v.optional(v.array(v.string())),
  userHomeDir: optional(v.string()),
  temporaryDirectories: optional(v.array(v.string())),
  windowsSandboxProxySettingsMode: optional(v.picklist(["reconcile", "preserve"])),
  sandboxOverride: v.optional(
    v.picklist(["noOverride", "escalatedSandboxWithRestrictions", "bypassSandboxFirstAttempt"]),
  ),
  useLegacyLandlock: v.optional(v.boolean()),
});

/** What a sandboxed process may reach besides its proxy. */
export const managedNetwork = v.object({
  loopbackPorts: v.optional(v.array(v.pipe(unsigned, v.maxValue(65_535, "must be a port")))),
  allowLocalBinding: v.optional(v.boolean()),
  allowUnixSockets: v.optional(v.array(v.string())),
});

const verdict = v.picklist(["none", "allow", "deny"]);

/** A filtering proxy that the server is to start for one process. */
export const networkProxy = v.object({
  proxy: v.object({
    enabled: v.boolean(),
    enableSocks5: v.boolean(),
    enableSocks5Udp: v.boolean(),
    allowUpstreamProxy: v.boolean(),
    dangerouslyAllowAllUnixSockets: v.boolean(),
    mode: v.picklist(["limited", "full"]),
    allowLocalBinding: v.boolean(),
    /** Host names and what becomes of them. */
    domains: optional(v.record(v.string(), verdict)),
    unixSockets: optional(v.record(v.string(), verdict)),
    reviewDomains: optional(v.array(v.string())),
    credentialMasking: optional(v.boolean()),
    credentialProviders: optional(v.record(v.string(), v.looseObject({}))),
  }),
  /** Milliseconds that the client is given to decide about a host. */
  policyDecisionTimeoutMs: optional(v.pipe(unsigned, v.minValue(1, "must be at least 1"))),
  environmentId: optional(v.string()),
  executionId: optional(v.string()),
  auditMetadata: optional(v.looseObject({})),
});

/** A policy, decoded. */
export type Sandbox = v.InferOutput<typeof sandbox>;
/** What a policy lets a process do. */
export type Permissions = v.InferOutput<typeof permissions>;
/** What a sandboxed process may reach besides its proxy, decoded. */
export type ManagedNetwork = v.InferOutput<typeof managedNetwork>;
/** A proxy to start for a process, decoded. */
export type NetworkProxy = v.InferOutput<typeof networkProxy>;
