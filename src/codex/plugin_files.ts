import { dirname, join } from "node:path";
import type { CapabilityFile, PluginFiles } from "../protocol/schemas/capability_discovery.ts";
import type { CapabilityReader } from "./capability_reader.ts";

/** Directories a plugin's `plugin.json` is looked for in, the preferred one first. */
export const manifestDirectories = [".codex-plugin", ".claude-plugin", ".cursor-plugin"] as const;

/** The manifest of a plugin in a directory, or null where there is none. */
export async function readManifest(
  directory: string,
  reader: CapabilityReader,
): Promise<CapabilityFile | null> {
  for (const name of manifestDirectories) {
    const manifest = await reader.read(join(directory, name, "plugin.json"));
    if (manifest) return manifest;
  }
  return null;
}

/** The manifest of the nearest plugin above a directory, or null where there is none. */
export async function readManifestAbove(
  directory: string,
  reader: CapabilityReader,
): Promise<CapabilityFile | null> {
  const parent = dirname(directory);
  if (parent === directory) return null;
  return await readManifest(parent, reader) ?? await readManifestAbove(parent, reader);
}

/** The files of the plugin in a directory: what its manifest points to, or where such files usually are. */
export async function readPluginFiles(
  directory: string,
  manifest: CapabilityFile,
  reader: CapabilityReader,
): Promise<PluginFiles> {
  const declared = parseObject(manifest.contents) ?? {};
  const file = (member: "mcpServers" | "apps", usual: string) => {
    const value = declared[member];
    // MCP servers may stand in the manifest itself; whoever reads it finds them there.
    if (typeof value === "object" && value !== null) return null;
    const path = typeof value === "string" ? insidePath(value) : undefined;
    if (typeof value === "string" && !path) {
      reader.warn(
        `ignoring ${member} in ${manifest.path}: path must start with \`./\` and stay inside the plugin`,
      );
    }
    return reader.read(join(directory, path ?? usual));
  };
  return {
    manifest,
    mcpConfig: await file("mcpServers", ".mcp.json"),
    appsConfig: await file("apps", ".app.json"),
  };
}

/** A JSON text's object, or undefined where it is none. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function insidePath(path: string): string | undefined {
  const [first, ...names] = path.split("/");
  const plain = names.length > 0 && names.every((name) => !["", ".", ".."].includes(name));
  return first === "." && plain ? join(...names) : undefined;
}
