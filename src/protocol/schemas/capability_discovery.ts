import * as v from "valibot";
import { sandbox } from "./sandbox.ts";
import { optional, unsigned } from "./values.ts";

/** Schemas of `capabilities/discoverV2` and `capabilityRoots/discoverV1`. */

const textFile = v.object({
  /** A file URI. */
  path: v.string(),
  contents: v.string(),
});

const pluginFiles = v.object({
  manifest: textFile,
  mcpConfig: v.nullable(textFile),
  appsConfig: v.nullable(textFile),
});

export const discoverRootsParams = v.object({
  roots: v.array(v.object({
    /** The client's name for the root. */
    id: v.string(),
    /** A file URI. */
    path: v.string(),
    sandbox: optional(sandbox),
  })),
});

const capabilityRoot = v.object({
  id: v.string(),
  path: v.string(),
  /** Set where the root itself is a plugin. */
  plugin: v.nullable(pluginFiles),
  /** Every skill below the root, by path. */
  skills: v.array(v.object({ instructions: textFile, metadata: v.nullable(textFile) })),
  /** Manifests of the plugins that the skills belong to: of the root or above it, and of those below. */
  namespaceManifests: v.array(textFile),
  warnings: v.array(v.string()),
  /** Why nothing of the root could be read. */
  error: v.nullable(v.string()),
});

/** In the order of the request. */
export const discoverRootsResult = v.object({ roots: v.array(capabilityRoot) });

export const discoverParams = v.object({
  /** A file URI; only checked. */
  cwd: v.string(),
  sandbox: optional(sandbox),
});

const toolDependency = v.object({
  type: v.string(),
  value: v.string(),
  description: v.nullable(v.string()),
  transport: v.nullable(v.string()),
  command: v.nullable(v.string()),
  url: v.nullable(v.string()),
  oauthCallbackPort: v.nullable(unsigned),
});

const skill = v.object({
  /** With the name of the plugin it belongs to in front, and a colon. */
  name: v.string(),
  description: v.string(),
  shortDescription: v.nullable(v.string()),
  path: v.string(),
  dependencies: v.nullable(v.object({ tools: v.array(toolDependency) })),
  policy: v.nullable(v.object({
    allowImplicitInvocation: v.nullable(v.boolean()),
    products: v.array(v.string()),
  })),
});

export const discoverResult = v.object({
  plugins: v.array(v.object({
    /** `name@marketplace`. */
    id: v.string(),
    displayName: v.string(),
    remotePluginId: v.nullable(v.string()),
    /** The name of the installed version's directory. */
    version: v.string(),
    root: v.string(),
    files: pluginFiles,
    skills: v.array(skill),
  })),
  skills: v.array(v.object({
    ...skill.entries,
    discoveryRoot: v.object({ id: v.string(), path: v.string() }),
  })),
  warnings: v.array(v.string()),
});

/** A text file of a capability. */
export type CapabilityFile = v.InferOutput<typeof textFile>;
/** A plugin's own files. */
export type PluginFiles = v.InferOutput<typeof pluginFiles>;
/** The params of `capabilityRoots/discoverV1`, decoded. */
export type DiscoverRootsParams = v.InferOutput<typeof discoverRootsParams>;
/** What was found in one root. */
export type CapabilityRoot = v.InferOutput<typeof capabilityRoot>;
/** The result of `capabilityRoots/discoverV1`. */
export type DiscoverRootsResult = v.InferOutput<typeof discoverRootsResult>;
/** The params of `capabilities/discoverV2`, decoded. */
export type DiscoverParams = v.InferOutput<typeof discoverParams>;
/** A skill as its files describe it. */
export type Skill = v.InferOutput<typeof skill>;
/** The result of `capabilities/discoverV2`. */
export type DiscoverResult = v.InferOutput<typeof discoverResult>;
