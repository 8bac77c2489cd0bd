import { internalError, invalidParams, RpcError } from "../../protocol/errors.ts";
import { ForeignPathError, parseFileUri, type PlatformOs } from "../../protocol/file_uri.ts";
import type { Sandbox } from "../../protocol/schemas/sandbox.ts";
import type { EntryPlace, FilePolicy, Policy } from "../../sandbox/policy.ts";

export { gradeOf } from "../../sandbox/policy.ts";

type FileSystem = Extract<Sandbox["permissions"], { type: "managed" }>["file_system"];
type WirePath = Extract<FileSystem, { type: "restricted" }>["entries"][number]["path"];

/**
 * A policy in this machine's own terms.
 *
 * @param cwd where relative patterns begin when the policy does not say
 * @throws {RpcError} -32602 for what names no path of this machine, or a mechanism of another
 */
export function policyOf(sandbox: Sandbox, os: PlatformOs, cwd: string): Policy {
  const { permissions } = sandbox;
  checkUris(sandbox, os);
  if (sandbox.windowsSandboxLevel === "mxc") {
    throw invalidParams("native MXC is unavailable on this executor");
  }
  if (permissions.type === "disabled") return { files: undefined, network: "enabled" };
  const { network } = permissions;
  if (permissions.type === "external" || permissions.file_system.type === "unrestricted") {
    return { files: undefined, network };
  }
  if (sandbox.useLegacyLandlock) {
    throw internalError(
      "This server cannot confine a process by Landlock, which cannot say what a policy of files says: " +
        "ask without useLegacyLandlock",
    );
  }
  return { files: filePolicy(sandbox, permissions.file_system, os, cwd), network };
}

function filePolicy(
  sandbox: Sandbox,
  { entries, glob_scan_max_depth }: Extract<FileSystem, { type: "restricted" }>,
  os: PlatformOs,
  cwd: string,
): FilePolicy {
  // It takes the place of both, also where it names only one.
  const context = sandbox.policyContext ?? sandbox;
  return {
    entries: entries.flatMap(({ path, access }) => {
      const place = placeOf(path, os);
      return place ? [{ place, access: access === "deny" ? "none" : access }] : [];
    }),
    workspaceRoots: (context.workspaceRoots ?? []).map((root) => nativePath(root, os, "workspace root")),
    patternsFrom: context.cwd === undefined ? cwd : nativePath(context.cwd, os, "policy cwd"),
    patternDepth: glob_scan_max_depth,
  };
}

/** Undefined for one that stands for nothing. */
function placeOf(path: WirePath, os: PlatformOs): EntryPlace | undefined {
  if (path.type === "path") return { kind: "path", path: nativePath(path.path, os, "permission path") };
  if (path.type === "glob_pattern") return { kind: "pattern", pattern: path.pattern };
  const { kind, subpath } = path.value;
  switch (kind) {
    case "unknown":
      return undefined;
    case "current_working_directory":
    case "project_roots":
      return { kind: "workspace", subpath };
    default:
      return { kind, subpath };
  }
}

/**
 * Members without effect must be URIs, too.
 *
 * @throws {RpcError} -32602 for one that is none
 */
function checkUris({ cwd, workspaceRoots, policyContext, ...sandbox }: Sandbox, os: PlatformOs): void {
  const places = [
    ...[cwd, sandbox.userHomeDir, policyContext?.cwd],
    ...[workspaceRoots, sandbox.temporaryDirectories, policyContext?.workspaceRoots].flat(),
  ];
  for (const uri of places) {
    try {
      if (uri !== undefined) parseFileUri(uri, os);
    } catch (error) {
      if (!(error instanceof ForeignPathError)) throw error;
    }
  }
}

/** @throws {RpcError} -32602 for what names nothing of this machine */
function nativePath(uri: string, os: PlatformOs, what: string): string {
  try {
    return parseFileUri(uri, os);
  } catch (error) {
    if (error instanceof RpcError || !(error instanceof ForeignPathError)) throw error;
    throw invalidParams(`failed to prepare process sandbox: invalid sandbox ${what}: ${error.message}`, {
      cause: error,
      data: { kind: "sandboxPreparation" },
    });
  }
}
