import { dirname, join } from "node:path";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { CONFIG_FILE_BYTES } from "../limits.ts";
import { failed, invalid } from "../native/operation_error.ts";
import { ForeignPathError, formatFileUri, parseFileUri } from "../protocol/file_uri.ts";
import type {
  ConfigLayerStack,
  EnvironmentConfigParams,
  EnvironmentConfigResult,
} from "../protocol/schemas/environment_config.ts";
import { findCodexHome } from "./codex_home.ts";
import { legacyRequirements } from "./legacy_requirements.ts";
import type { CodexHost } from "./codex_host.ts";
import { readTextFile, TextFileError } from "./text_file.ts";
import { parseToml, printToml, selectToml, type TomlTable } from "./toml.ts";

/** A file's table and how the layer it makes is called. */
interface Layer {
  readonly source: string;
  readonly path: string;
  readonly table: TomlTable;
}

/**
 * What the Codex configuration of this machine says below the keys that are asked for: the system's, the user's and
 * the administrator's files, weakest first. A project's own file is not read. The files are read anew each time, all
 * of them, so a broken one is told whatever is asked.
 *
 * @param calls what it waits in
 * @throws {OperationError} INVALID for no or empty paths or a `cwd` that is no path here, FAILED for a file that cannot be
 *   read as TOML
 */
export async function readEnvironmentConfig(
  params: EnvironmentConfigParams,
  host: CodexHost,
  calls: CallShare = waitingCalls.share(),
): Promise<EnvironmentConfigResult> {
  checkParams(params, host);
  const codexHome = await findCodexHome(host, calls);
  const read = (path: string, source: (path: string) => string) => readLayer(path, source, calls);
  const [system, user, managed, required] = await Promise.all([
    read(join(host.systemConfigDirectory, "config.toml"), (path) => `system (${path})`),
    read(join(codexHome, "config.toml"), (path) => `user (${path})`),
    read(
      join(host.systemConfigDirectory, "managed_config.toml"),
      (path) => `legacy managed_config.toml (${path})`,
    ),
    read(join(host.systemConfigDirectory, "requirements.toml"), (path) => path),
  ]);
  return {
    userHomeDir: host.homeDirectory === undefined ? null : formatFileUri(host.homeDirectory, host.os),
    codexHomeDir: formatFileUri(codexHome, host.os),
    hostname: host.hostname,
    config: stack(system, [user, managed], params.configPaths, host),
    requirements: stack(required, [requirementsOf(managed)], params.requirementsPaths, host),
  };
}

function checkParams(
  { cwd, configPaths, requirementsPaths }: EnvironmentConfigParams,
  host: CodexHost,
): void {
  try {
    parseFileUri(cwd, host.os);
  } catch (error) {
    throw error instanceof ForeignPathError ? invalid(error.message) : error;
  }
  const paths = [...configPaths, ...requirementsPaths];
  if (paths.length === 0) throw invalid("at least one config or requirements path is required");
  if (paths.some((path) => path.length === 0)) {
    throw invalid("TOML paths must contain at least one key segment");
  }
}

async function readLayer(
  path: string,
  source: (path: string) => string,
  calls: CallShare,
): Promise<Layer | undefined> {
  try {
    const table = parseToml(await readTextFile(path, CONFIG_FILE_BYTES, calls));
    return { source: source(path), path, table };
  } catch (error) {
    if (error instanceof TextFileError) {
      if (error.problem === "missing") return undefined;
      throw unusable(`Failed to read config file ${path}: ${error.message}`, error);
    }
    if (error instanceof SyntaxError) throw unusable(`${path}:${error.message}`, error);
    throw error;
  }
}

function requirementsOf(managed: Layer | undefined): Layer | undefined {
  if (!managed) return undefined;
  try {
    return { source: managed.path, path: managed.path, table: legacyRequirements(managed.table) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw unusable(`${managed.path}: ${error.message}`, error);
  }
}

/** The parts asked for. Layers from elsewhere are stronger than the system's and weaker than all others. */
function stack(
  weakest: Layer | undefined,
  stronger: readonly (Layer | undefined)[],
  paths: readonly (readonly string[])[],
  host: CodexHost,
): ConfigLayerStack {
  const below = selectLayer(weakest, paths, host);
  return {
    layers: [...below, ...stronger.flatMap((layer) => selectLayer(layer, paths, host))],
    cloudInsertionIndex: below.length,
  };
}

function selectLayer(
  layer: Layer | undefined,
  paths: readonly (readonly string[])[],
  host: CodexHost,
): ConfigLayerStack["layers"] {
  const selected = layer ? selectToml(layer.table, paths) : {};
  if (!layer || Object.keys(selected).length === 0) return [];
  const baseDir = formatFileUri(dirname(layer.path), host.os);
  return [{ source: layer.source, baseDir, toml: printToml(selected) }];
}

function unusable(message: string, cause: Error) {
  return failed(`failed to load executor-local config: ${message}`, { cause });
}
