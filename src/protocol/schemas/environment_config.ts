import * as v from "valibot";
import { fileUri, unsigned } from "./values.ts";

/** Schemas of `environmentConfig/read`. */

const tomlPath = v.array(v.string());

export const environmentConfigParams = v.object({
  /** Only checked. */
  cwd: fileUri,
  /** Paths of keys that are asked for in the configuration files, each at least one key long. */
  configPaths: v.array(tomlPath),
  /** The same in the requirements. */
  requirementsPaths: v.array(tomlPath),
});

const layerStack = v.object({
  /** Weakest first; only those that hold something of what was asked for. */
  layers: v.array(v.object({
    /** Where it comes from, for people. */
    source: v.string(),
    /** What relative paths in it start from. */
    baseDir: fileUri,
    /** The part that was asked for, printed anew. */
    toml: v.string(),
  })),
  /** Where in the list layers from elsewhere belong, as an index. */
  cloudInsertionIndex: unsigned,
});

export const environmentConfigResult = v.object({
  /** The home directory of the server's user; null where nothing tells an absolute one. */
  userHomeDir: v.nullable(fileUri),
  /** Where the Codex CLI keeps its files there. */
  codexHomeDir: fileUri,
  /** The machine's name. */
  hostname: v.string(),
  /** The configuration. */
  config: layerStack,
  /** The requirements that an administrator has set. */
  requirements: layerStack,
});

/** The params of `environmentConfig/read`, decoded. */
export type EnvironmentConfigParams = v.InferOutput<typeof environmentConfigParams>;
/** The result of `environmentConfig/read`. */
export type EnvironmentConfigResult = v.InferOutput<typeof environmentConfigResult>;
/** One stack of layers. */
export type ConfigLayerStack = v.InferOutput<typeof layerStack>;
