import * as v from "valibot";
import { sandbox } from "./sandbox.ts";
import { fileUri, optional, unsigned } from "./values.ts";

/** Schemas of `capabilities/discoverV2` and `capabilityRoots/discoverV1`. */

const textFile = v.object({
  /** Where the file is. */
  path: fileUri,
  /** Its text. */
  contents: v.string(),
});

const pluginFiles = v.object({
  /** Its `plugin.json`. */
  manifest: textFile,
  /** Its MCP servers, where it names any. */
  mcpConfig: v.nullable(textFile),
  /** Its apps, where it names any. */
  appsConfig: v.nullable(textFile),
});

export const discoverRootsParams = v.object({
  /** The directories to look into. */
  roots: v.array(v.object({
    /** The client's name for the root. */
    id: v.string(),
    /** Where it is. */
    path: fileUri,
    /** The files that there are for this root. When it cannot be obeyed, the root is answered with an `error`. */
    sandbox: optional(sandbox),
  })),
});

const capabilityRoot = v.object({
  /** As it was asked for. */
  id: v.string(),
  /** As it was asked for. */
  path: fileUri,
  /** Set where the root itself is a plugin. */
  plugin: v.nullable(pluginFiles),
  /** Every skill below the root, by path. */
  skills: v.array(v.object({
    /** Its `SKILL.md`. */
    instructions: textFile,
    /** Its metadata file, where it has one. */
    metadata: v.nullable(textFile),
  })),
  /** Manifests of the plugins that the skills belong to: of the root or above it, and of those below. */
  namespaceManifests: v.array(textFile),
  /** What could not be read or was cut off, for people. */
  warnings: v.array(v.string()),
  /** Why nothing of the root could be read. */
  error: v.nullable(v.string()),
});

export const discoverRootsResult = v.object({
  /** In the order of the request. */
  roots: v.array(capabilityRoot),
});

export const discoverParams = v.object({
  /** Only checked. */
  cwd: fileUri,
  /** The files that there are for the request; what it hides is warned of, or not there. */
  sandbox: optional(sandbox),
});

const toolDependency = v.object({
  /** The kind of tool, such as `mcp`. */
  type: v.string(),
  /** The tool's name. */
  value: v.string(),
  /** What it is for. */
  description: v.nullable(v.string()),
  /** How it is reached. */
  transport: v.nullable(v.string()),
  /** The command that starts it. */
  command: v.nullable(v.string()),
  /** Where it is. */
  url: v.nullable(v.string()),
  /** The port that answers its sign-in. */
  oauthCallbackPort: v.nullable(unsigned),
});

const skill = v.object({
  /** With the name of the plugin it belongs to in front, and a colon. */
  name: v.string(),
  /** What it does and when to use it. */
  description: v.string(),
  /** The same in few words. */
  shortDescription: v.nullable(v.string()),
  /** Its `SKILL.md`. */
  path: fileUri,
  /** What it needs. */
  dependencies: v.nullable(v.object({
    /** Tools it calls. */
    tools: v.array(toolDependency),
  })),
  /** When it may be used. */
  policy: v.nullable(v.object({
    /** Whether it may be used without being named. */
    allowImplicitInvocation: v.nullable(v.boolean()),
    /** Programs it is for; all where it is empty. */
    products: v.array(v.string()),
  })),
});

export const discoverResult = v.object({
  /** Installed plugins. */
  plugins: v.array(v.object({
    /** `name@marketplace`. */
    id: v.string(),
    /** What people call it. */
    displayName: v.string(),
    /** Its id where it came from. */
    remotePluginId: v.nullable(v.string()),
    /** The name of the installed version's directory. */
    version: v.string(),
    /** Its directory. */
    root: fileUri,
    /** Its own files. */
    files: pluginFiles,
    /** Its skills. */
    skills: v.array(skill),
  })),
  /** Skills that belong to no plugin. */
  skills: v.array(v.object({
    ...skill.entries,
    /** The directory it was found in. */
    discoveryRoot: v.object({
      /** Its name. */
      id: v.string(),
      /** Where it is. */
      path: fileUri,
    }),
  })),
  /** What could not be read or was cut off, for people. */
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
