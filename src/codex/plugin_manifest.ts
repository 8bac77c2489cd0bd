import * as v from "valibot";
import type { CapabilityFile } from "../protocol/schemas/capability_discovery.ts";
import { parseObject } from "./plugin_files.ts";

/** A plugin manifest as far as it is understood here. */
export interface PluginManifest {
  /** The plugin's directory, as a file URI without a slash at its end. */
  readonly directory: string;
  /** What its skills are named after: its own name, else its directory's. */
  readonly name: string;
  /** What people call it. */
  readonly displayName: string;
  /** MCP servers that stand in the manifest itself, as JSON. */
  readonly mcpServers: string | undefined;
}

const manifestShape = v.object({
  name: v.optional(v.string()),
  interface: v.nullish(v.object({ displayName: v.nullish(v.string()) })),
  mcpServers: v.nullish(v.union([v.string(), v.record(v.string(), v.unknown())])),
  apps: v.nullish(v.string()),
});

/** @returns undefined for a file that is no manifest */
export function parsePluginManifest(file: CapabilityFile): PluginManifest | undefined {
  const decoded = v.safeParse(manifestShape, parseObject(file.contents));
  if (!decoded.success) return undefined;
  const { name = "", interface: shown, mcpServers } = decoded.output;
  const directory = file.path.split("/").slice(0, -2).join("/");
  const ownName = name.trim() === "" ? lastSegment(directory) : name;
  return {
    directory,
    name: ownName,
    displayName: shown?.displayName?.trim() || ownName,
    mcpServers: typeof mcpServers === "object" && mcpServers !== null ? printJson(mcpServers) : undefined,
  };
}

/** @returns undefined for what is nested too deeply to be printed */
function printJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The name of the file or directory that a file URI ends with. */
export function lastSegment(uri: string): string {
  return decodeURIComponent(uri.split("/").at(-1)!);
}
