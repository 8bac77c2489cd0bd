import * as v from "valibot";
import { unsigned } from "./values.ts";

/** Schemas of `environmentConfig/read`. */

const tomlPath = v.array(v.string());

export const environmentConfigParams = v.object({
  /** A file URI; only checked. */
  cwd: v.string(),
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
    /** What relative paths in it start from, as a file URI. */
    baseDir: v.string(),
    /** The part that was asked for, printed anew. */
    toml: v.string(),
  })),
  /** Where layers from elsewhere go. */
  cloudInsertionIndex: unsigned,
});

export const environmentConfigResult = v.object({
  userHomeDir: v.string(),
  codexHomeDir: v.string(),
  hostname: v.string(),
  config: layerStack,
  requirements: layerStack,
});

/** The params of `environmentConfig/read`, decoded. */
export type EnvironmentConfigParams = v.InferOutput<typeof environmentConfigParams>;
/** The result of `environmentConfig/read`. */
export type EnvironmentConfigResult = v.InferOutput<typeof environmentConfigResult>;
/** One stack of layers. */
export type ConfigLayerStack = v.InferOutput<typeof layerStack>;
