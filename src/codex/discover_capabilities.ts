import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { waitingCalls } from "../host/waiting_calls.ts";
import { CAPABILITY_ROOTS } from "../limits.ts";
import { ForeignPathError, parseFileUri } from "../protocol/file_uri.ts";
import type { DiscoverParams, DiscoverResult, Skill } from "../protocol/schemas/capability_discovery.ts";
import { machineFiles } from "./capability_files.ts";
import { CapabilityReader } from "./capability_reader.ts";
import type { DiscoveryOptions } from "./discovery_options.ts";
import { readCapabilityRoot, type RootContents } from "./capability_roots.ts";
import { findCodexHome } from "./codex_home.ts";
import { findInstalledPlugins, type InstalledPlugin, isDirectory } from "./installed_plugins.ts";
import type { CodexHost } from "./codex_host.ts";
import { lastSegment, parsePluginManifest } from "./plugin_manifest.ts";
import { describeSkill } from "./skill.ts";

/**
 * The plugins and skills that are installed on this machine for its user, parsed. They are looked for anew each time.
 *
 * @throws {RpcError} -32602 for a `cwd` that is no file URI, -32603 for a sandbox that cannot be obeyed,
 *   {@linkcode OperationError} FAILED when `CODEX_HOME` names nothing
 */
export async function discoverCapabilities(
  params: DiscoverParams,
  host: CodexHost,
  { calls = waitingCalls.share(), confine }: DiscoveryOptions,
): Promise<DiscoverResult> {
  checkUri(params.cwd, host);
  const files = params.sandbox ? await confine(params.sandbox) : machineFiles(calls);
  const codexHome = await findCodexHome(host, calls);
  const reader = new CapabilityReader(host.os, files);
  const skills = await discoverSkills(codexHome, host, reader);
  const plugins = await discoverPlugins(codexHome, reader);
  return { plugins, skills, warnings: reader.takeWarnings() };
}

async function discoverSkills(
  codexHome: string,
  host: CodexHost,
  reader: CapabilityReader,
): Promise<DiscoverResult["skills"]> {
  const roots = [
    { id: "codex-home-skills", path: join(codexHome, "skills") },
    ...host.homeDirectory === undefined
      ? []
      : [{ id: "user-agent-skills", path: join(host.homeDirectory, ".agents", "skills") }],
    { id: "system-skills", path: join(host.systemConfigDirectory, "skills") },
  ];
  const found: DiscoverResult["skills"] = [];
  for (const { id, path } of roots) {
    if (!await isDirectory(path, (path, error) => reader.warnOf(path, error), reader.files)) continue;
    const discoveryRoot = { id, path: reader.uri(path) };
    const skills = await describeSkills(await readCapabilityRoot(path, reader), reader);
    found.push(...skills.map((skill) => ({ ...skill, discoveryRoot })));
  }
  return found;
}

async function discoverPlugins(
  codexHome: string,
  reader: CapabilityReader,
): Promise<DiscoverResult["plugins"]> {
  const onFailure = (path: string, error: unknown) => reader.warnOf(path, error);
  const installed = await findInstalledPlugins(codexHome, onFailure, reader.files);
  if (installed.length > CAPABILITY_ROOTS) reader.warn(`only ${CAPABILITY_ROOTS} plugins were looked into`);
  const found: DiscoverResult["plugins"] = [];
  for (const plugin of installed.slice(0, CAPABILITY_ROOTS)) {
    const described = await describePlugin(plugin, reader);
    if (described) found.push(described);
  }
  return found;
}

async function describePlugin(
  { id, version, root }: InstalledPlugin,
  reader: CapabilityReader,
): Promise<DiscoverResult["plugins"][number] | undefined> {
  const contents = await readCapabilityRoot(root, reader);
  const { plugin } = contents;
  const manifest = plugin ? parsePluginManifest(plugin.manifest) : undefined;
  if (!plugin || !manifest) {
    reader.warn(`plugin ${id} has no usable manifest in ${reader.uri(root)}`);
    return undefined;
  }
  const { displayName, mcpServers } = manifest;
  const inline = mcpServers === undefined ? null : { path: plugin.manifest.path, contents: mcpServers };
  return {
    id,
    displayName,
    remotePluginId: null,
    version,
    root: reader.uri(root),
    files: { ...plugin, mcpConfig: inline ?? plugin.mcpConfig },
    skills: await describeSkills(contents, reader),
  };
}

/** A root's skills, each named after the innermost plugin it lies in. */
async function describeSkills(contents: RootContents, reader: CapabilityReader): Promise<Skill[]> {
  const plugins = contents.namespaceManifests.map(parsePluginManifest).filter((plugin) =>
    plugin !== undefined
  )
    .sort((a, b) => b.directory.length - a.directory.length);
  const skills: Skill[] = [];
  for (const { instructions: { path, contents: text }, metadata } of contents.skills) {
    const directory = path.split("/").slice(0, -1).join("/");
    const plugin = plugins.find((plugin) => path.startsWith(`${plugin.directory}/`));
    try {
      const { name, ...rest } = describeSkill(text, metadata?.contents, lastSegment(directory));
      skills.push({ name: plugin ? `${plugin.name}:${name}` : name, path, ...rest });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      reader.warn(`skill ${path} ${error.message}`);
    }
    // A skill takes up to a tenth of a second, and there may be very many.
    await setImmediate();
  }
  return skills;
}

function checkUri(uri: string, host: CodexHost): void {
  try {
    parseFileUri(uri, host.os);
  } catch (error) {
    // A directory of another machine is as good as any: nothing is looked for in it.
    if (!(error instanceof ForeignPathError)) throw error;
  }
}
