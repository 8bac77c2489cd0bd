import * as v from "valibot";
import { fileUri, optional, unsigned } from "./values.ts";

/**
 * Schemas of what a client asks for when it wants a process or a file operation confined. The members inside
 * `permissions` are in snake case, all others in camel case.
 */

/** Whether the network may be used. */
const network = v.picklist(["restricted", "enabled"]);

const specialPath = v.variant("kind", [
  v.object({
    kind: v.picklist([
      "root",
      "minimal",
      "current_working_directory",
      "project_roots",
      "tmpdir",
      "slash_tmp",
    ]),
    /** A path below it. */
    subpath: optional(v.string()),
  }),
  v.object({
    kind: v.literal("unknown"),
    /** What was meant. */
    path: v.string(),
    /** A path below it. */
    subpath: optional(v.string()),
  }),
]);

const policyPath = v.variant("type", [
  v.object({
    type: v.literal("path"),
    /** A file or directory. */
    path: fileUri,
  }),
  v.object({
    type: v.literal("glob_pattern"),
    /** A glob over paths. */
    pattern: v.string(),
  }),
  v.object({
    type: v.literal("special"),
    /** A place that the server knows. */
    value: specialPath,
  }),
]);

const fileSystem = v.variant("type", [
  v.object({ type: v.literal("unrestricted") }),
  v.object({
    type: v.literal("restricted"),
    /** What is allowed where. */
    entries: v.array(v.object({
      /** Where. */
      path: policyPath,
      /** What is allowed there. */
      access: v.picklist(["read", "write", "deny", "none"]),
      /** What is done when the path does not exist. */
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
  v.object({
    type: v.literal("managed"),
    /** Which files may be used. */
    file_system: fileSystem,
    network,
  }),
]);

/** Where a policy's relative and special paths are resolved. */
export const policyContext = v.object({
  /** What relative paths start from. */
  cwd: optional(fileUri),
  /** What `project_roots` stands for. */
  workspaceRoots: v.optional(v.array(fileUri)),
});

/**
 * A policy of confinement. A process is started under it, or not at all: docs/sandbox.md says what it takes. File
 * operations are refused with -32603 under a policy with a restricted file system.
 */
export const sandbox = v.object({
  permissions,
  /** The mechanism on Windows. */
  windowsSandboxLevel: v.picklist(["disabled", "restricted-token", "elevated", "mxc"]),
  /** What relative paths start from; the process's directory by default. */
  cwd: optional(fileUri),
  policyContext: optional(policyContext),
  /** What `project_roots` stands for. */
  workspaceRoots: v.optional(v.array(fileUri)),
  /** Means nothing here. */
  userHomeDir: optional(fileUri),
  /** Means nothing here: `tmpdir` is what the process's own TMPDIR says. */
  temporaryDirectories: optional(v.array(fileUri)),
  /** What becomes of Windows's proxy settings. */
  windowsSandboxProxySettingsMode: optional(v.picklist(["reconcile", "preserve"])),
  /** Whether the first attempt goes without; changes nothing here. */
  sandboxOverride: v.optional(
    v.picklist(["noOverride", "escalatedSandboxWithRestrictions", "bypassSandboxFirstAttempt"]),
  ),
  /** Use Landlock on Linux: refused with a restricted file system. */
  useLegacyLandlock: v.optional(v.boolean()),
});

/** What a sandboxed process may reach besides its proxy. It means nothing without one. */
export const managedNetwork = v.object({
  /** Ports of the loopback address it may connect to. */
  loopbackPorts: v.optional(v.array(v.pipe(unsigned, v.maxValue(65_535, "must be a port")))),
  /** Whether it may listen on the loopback address. */
  allowLocalBinding: v.optional(v.boolean()),
  /** Paths of Unix sockets it may connect to. */
  allowUnixSockets: v.optional(v.array(v.string())),
});

const verdict = v.picklist(["none", "allow", "deny"]);

/**
 * A proxy that the server is to start for one process: what its policy lets through, and whom the client is asked about
 * (`network/policyRequest`). docs/network.md says what it does.
 */
export const networkProxy = v.object({
  /** The proxy itself. */
  proxy: v.object({
    /** Whether there is to be one. */
    enabled: v.boolean(),
    /** Whether it speaks SOCKS5. */
    enableSocks5: v.boolean(),
    /** And forwards UDP: it does not, and says so to whoever asks. */
    enableSocks5Udp: v.boolean(),
    /** Whether it may go through another proxy; it never does. */
    allowUpstreamProxy: v.boolean(),
    /** Whether the process may have Unix sockets, where its network is enforced. */
    dangerouslyAllowAllUnixSockets: v.boolean(),
    /** Reading only, or every method. */
    mode: v.picklist(["limited", "full"]),
    /** Whether it may reach this machine and its neighbours. */
    allowLocalBinding: v.boolean(),
    /** Whether programs that ask no proxy are sent through it, too. */
    transparentTcp: v.optional(v.boolean()),
    /** Patterns of host names and what becomes of them. */
    domains: optional(v.record(v.string(), verdict)),
    /** Paths of Unix sockets; none is reached through it. */
    unixSockets: optional(v.record(v.string(), v.picklist(["allow", "deny"]))),
    /** Patterns of host names that are asked about though they are allowed. */
    reviewDomains: optional(v.array(v.string())),
    /** Whether credentials are put in by the proxy; refused with -32603. */
    credentialMasking: optional(v.boolean()),
    /** Where they come from; refused with -32603. */
    credentialProviders: optional(v.record(v.string(), v.looseObject({}))),
  }),
  /** Milliseconds that the client is given to decide about a host; without it, it is not asked. Not 0. */
  policyDecisionTimeoutMs: optional(unsigned),
  /** For the audit. */
  environmentId: optional(v.string()),
  /** For the audit. */
  executionId: optional(v.string()),
  /** For the audit. */
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
