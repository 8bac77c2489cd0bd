import { internalError, invalidParams, invalidRequest, RpcError } from "../../protocol/errors.ts";
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
  const files = filePolicy(sandbox, os, cwd, unprepared);
  if (files && sandbox.useLegacyLandlock) {
    throw internalError(
      "This server cannot confine a process by Landlock, which cannot say what a policy of files says: " +
        "ask without useLegacyLandlock",
    );
  }
  return { files, network };
}

/**
 * What a policy says of files alone, for what this server does with them itself: by what a process would be confined means
 * nothing then.
 *
 * @throws {RpcError} -32600 for what names no path of this machine, or a mechanism of another
 */
export function filePolicyOf(sandbox: Sandbox, os: PlatformOs): FilePolicy | undefined {
  const { permissions } = sandbox;
  checkUris(sandbox, os);
  if (permissions.type === "managed" && sandbox.windowsSandboxLevel === "mxc") {
    const why = "failed to prepare MXC sandbox: native MXC is unavailable on this executor";
    throw invalidRequest(`failed to prepare fs sandbox: ${why}`);
  }
  return filePolicy(
    sandbox,
    os,
    "/",
    (what, cause) => invalidRequest(`invalid sandbox ${what}: ${cause.message}`, { cause }),
  );
}

/** The refusal of a path of another machine, given what it was to be. */
type Refusal = (what: string, cause: ForeignPathError) => RpcError;

function unprepared(what: string, cause: ForeignPathError): RpcError {
  const message = `failed to prepare process sandbox: invalid sandbox ${what}: ${cause.message}`;
  return invalidParams(message, { cause, data: { kind: "sandboxPreparation" } });
}

/** Undefined where every file may be used. */
function filePolicy(
  sandbox: Sandbox,
  os: PlatformOs,
  cwd: string,
  refusal: Refusal,
): FilePolicy | undefined {
  const { permissions } = sandbox;
  if (permissions.type !== "managed" || permissions.file_system.type !== "restricted") return undefined;
  const { entries, glob_scan_max_depth } = permissions.file_system;
  const native = (uri: string, what: string) => nativePath(uri, os, what, refusal);
  // It takes the place of both, also where it names only one.
  const context = sandbox.policyContext ?? sandbox;
  return {
    entries: entries.flatMap(({ path, access }) => {
      const place = placeOf(path, native);
      return place ? [{ place, access: access === "deny" ? "none" : access }] : [];
    }),
    workspaceRoots: (context.workspaceRoots ?? []).map((root) => native(root, "workspace root")),
    patternsFrom: context.cwd === undefined ? cwd : native(context.cwd, "policy cwd"),
    patternDepth: glob_scan_max_depth,
  };
}

/** Undefined for one that stands for nothing. */
function placeOf(path: WirePath, native: (uri: string, what: string) => string): EntryPlace | undefined {
  if (path.type === "path") return { kind: "path", path: native(path.path, "permission path") };
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

/** @throws {RpcError} -32602 for what is no URI, and the refusal of what names nothing of this machine */
function nativePath(uri: string, os: PlatformOs, what: string, refusal: Refusal): string {
  try {
    return parseFileUri(uri, os);
  } catch (error) {
    throw error instanceof ForeignPathError ? refusal(what, error) : error;
  }
}
