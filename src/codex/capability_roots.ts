import { basename, dirname, join } from "node:path";
import { waitingCalls } from "../host/waiting_calls.ts";
import { CAPABILITY_ROOTS } from "../limits.ts";
import { refused } from "../native/operation_error.ts";
import { ForeignPathError, parseFileUri, spelledFileUri } from "../protocol/file_uri.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import type {
  CapabilityFile,
  CapabilityRoot,
  DiscoverRootsParams,
  DiscoverRootsResult,
} from "../protocol/schemas/capability_discovery.ts";
import { type CapabilityFiles, machineFiles } from "./capability_files.ts";
import { CapabilityReader } from "./capability_reader.ts";
import type { CodexHost } from "./codex_host.ts";
import { manifestDirectories, readManifest, readManifestAbove, readPluginFiles } from "./plugin_files.ts";
import type { DiscoveryOptions } from "./discovery_options.ts";
import { scanTree } from "./scan_tree.ts";

/** What a root holds. */
export type RootContents = Pick<CapabilityRoot, "plugin" | "skills" | "namespaceManifests">;

const nothing: RootContents = { plugin: null, skills: [], namespaceManifests: [] };

/**
 * Reads the plugin and the skills in each of some directories, unparsed. A root that cannot be read carries its
 * error, and so does one whose sandbox cannot be obeyed.
 *
 * @throws {RpcError} -32602 for a path that is no file URI, {@linkcode OperationError} REFUSED for too many roots
 */
export async function discoverCapabilityRoots(
  { roots }: DiscoverRootsParams,
  host: CodexHost,
  { calls = waitingCalls.share(), confine }: DiscoveryOptions,
): Promise<DiscoverRootsResult> {
  if (roots.length > CAPABILITY_ROOTS) {
    throw refused(`at most ${CAPABILITY_ROOTS} capability roots may be discovered at once`);
  }
  const paths = roots.map(({ path }) => nativePath(path, host));
  const all = machineFiles(calls);
  const reader = new CapabilityReader(host.os, all);
  const found: CapabilityRoot[] = [];
  for (const [index, { id, path: given, sandbox }] of roots.entries()) {
    const path = spelledFileUri(given);
    const native = paths[index]!;
    const files = sandbox ? await confine(sandbox).catch((error: Error) => error) : all;
    const failure = native instanceof ForeignPathError
      ? `failed to inspect capability root ${path}: ${native.message}`
      : files instanceof Error
      ? `failed to inspect capability root ${path}: ${files.message}`
      : await whyNoRoot(native, path, files);
    if (!(files instanceof Error)) reader.files = files;
    if (typeof native === "string") reader.spell(native, path);
    const contents = failure === undefined ? await readCapabilityRoot(native as string, reader) : nothing;
    found.push({ id, path, ...contents, warnings: reader.takeWarnings(), error: failure ?? null });
  }
  return { roots: found };
}

/** The plugin and the skills in a directory. What could not be read is left out and warned of. */
export async function readCapabilityRoot(root: string, reader: CapabilityReader): Promise<RootContents> {
  const manifest = await readManifest(root, reader);
  const plugin = manifest ? await readPluginFiles(root, manifest, reader) : null;
  const tree = await scanTree(root, reader.files);
  const inOrder = (paths: Iterable<string>) =>
    [...paths].sort((a, b) => compare(reader.uri(a), reader.uri(b)));
  const skills: CapabilityRoot["skills"] = [];
  for (const path of inOrder(tree.files.filter((path) => basename(path) === "SKILL.md"))) {
    const instructions = await reader.read(path);
    if (!instructions) continue;
    const metadata = await reader.read(join(dirname(path), "agents", "openai.yaml"));
    skills.push({ instructions, metadata });
  }
  const outermost = manifest ?? await readManifestAbove(root, reader);
  const namespaceManifests: CapabilityFile[] = outermost ? [outermost] : [];
  for (const directory of inOrder(pluginDirectories(tree.files))) {
    const nested = directory === root ? null : await readManifest(directory, reader);
    if (nested) namespaceManifests.push(nested);
  }
  for (const { path, reason } of tree.failures) {
    reader.warn(`capability scan could not read ${reader.uri(path)}: ${reason}`);
  }
  if (tree.truncated) {
    reader.warn(`capability scan reached its traversal limit (root: ${reader.uri(root)})`);
  }
  return { plugin, skills, namespaceManifests };
}

function pluginDirectories(files: readonly string[]): Set<string> {
  const manifests = files.filter((path) =>
    basename(path) === "plugin.json" && manifestDirectories.some((name) => name === basename(dirname(path)))
  );
  return new Set(manifests.map((path) => dirname(dirname(path))));
}

function nativePath(uri: string, host: CodexHost): string | ForeignPathError {
  try {
    return parseFileUri(uri, host.os);
  } catch (error) {
    if (error instanceof ForeignPathError) return error;
    throw error;
  }
}

async function whyNoRoot(path: string, uri: string, files: CapabilityFiles): Promise<string | undefined> {
  try {
    return await files.isDirectory(path) ? undefined : `capability root ${uri} is not a directory`;
  } catch (error) {
    const code = osErrorCode(error);
    return `failed to inspect capability root ${uri}: ${code ? osErrorText(code) : String(error)}`;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
