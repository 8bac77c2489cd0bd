import { refuseUnknownOptions } from "../client/known_options.ts";
import type { Sandbox } from "../protocol/schemas/sandbox.ts";
import { checkNetwork, type NetworkRequest } from "./network_request.ts";
import type { Policy } from "../sandbox/policy.ts";

/** What a process is confined to, in a few words. What is not writable can be read. */
export interface SandboxRequest {
  /**
   * `read-only`: it writes nowhere but to `/dev`. `workspace-write`: it may also write to its workspace, `/tmp`, and what
   * its `TMPDIR` names; there not to `.git`, `.agents`, `.codex` and `.aws`, whose contents are obeyed by programs outside.
   */
  readonly mode: "read-only" | "workspace-write";
  /** With `workspace-write`, the workspace: an absolute path of its machine; the process's own directory by default. */
  readonly workspace?: string | undefined;
  /** With `workspace-write`, more directories that it may write to: absolute paths of its machine. Missing ones stay so. */
  readonly writable?: readonly string[] | undefined;
  /** The machine's network, chosen hosts of it, or none, which is the default. */
  readonly network?: "none" | "full" | NetworkRequest | undefined;
}

const sandboxModes = ["read-only", "workspace-write"] as const;

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} for a member that means nothing, and for a value that is none of those
 */
export function checkSandbox(request: SandboxRequest): void {
  refuseUnknownOptions("start sandbox", request, {
    mode: true,
    workspace: true,
    writable: true,
    network: true,
  });
  const { mode, workspace, writable = [], network = "none" } = request;
  if (!sandboxModes.includes(mode)) {
    throw new TypeError(`sandbox.mode must be ${sandboxModes.join(" or ")}, not ${JSON.stringify(mode)}`);
  }
  if (typeof network === "object" && network !== null) checkNetwork(network);
  else if (!["none", "full"].includes(network)) {
    throw new TypeError(`sandbox.network must be none or full, not ${JSON.stringify(network)}`);
  }
  if (workspace !== undefined && typeof workspace !== "string") {
    throw new TypeError(`sandbox.workspace must be a directory, not ${JSON.stringify(workspace)}`);
  }
  if (writable.length > 0 && mode === "read-only") {
    throw new TypeError('sandbox.writable is for the mode "workspace-write"');
  }
}

/**
 * As it goes over the wire, in the words that the Codex CLI uses, so that every server understands them.
 *
 * @param cwd the process's own directory, as a URI
 * @param uriOf the URI of a directory; without, they are URIs
 */
export function wireSandbox(
  { mode, workspace, writable = [], network = "none" }: SandboxRequest,
  cwd: string,
  uriOf: (directory: string) => string = (uri) => uri,
): Sandbox {
  const special = (kind: "project_roots" | "slash_tmp" | "tmpdir") =>
    ({ path: { type: "special", value: { kind } }, access: "write" }) as const;
  const paths = writable.map((directory) =>
    ({ path: { type: "path", path: uriOf(directory) }, access: "write" }) as const
  );
  const write = [special("project_roots"), special("slash_tmp"), special("tmpdir"), ...paths];
  const root = workspace === undefined ? cwd : uriOf(workspace);
  return {
    permissions: {
      type: "managed",
      file_system: {
        type: "restricted",
        entries: [
          { path: { type: "special", value: { kind: "root" } }, access: "read" },
          ...mode === "workspace-write" ? write : [],
        ],
      },
      network: network === "full" ? "enabled" : "restricted",
    },
    windowsSandboxLevel: "disabled",
    cwd: root,
    workspaceRoots: [root],
  };
}

/**
 * The policy of a process of this machine.
 *
 * @param cwd the process's own directory
 * @param pathOf the path of a directory, which may be given as a URI
 */
export function sandboxPolicy(
  { mode, workspace, writable = [], network = "none" }: SandboxRequest,
  cwd: string,
  pathOf: (directory: string) => string,
): Policy {
  const places = [
    ...(["workspace", "slash_tmp", "tmpdir"] as const).map((kind) => ({ kind })),
    ...writable.map((directory) => ({ kind: "path", path: pathOf(directory) }) as const),
  ];
  const write = places.map((place) => ({ place, access: "write" }) as const);
  const root = workspace === undefined ? cwd : pathOf(workspace);
  return {
    files: {
      entries: [
        { place: { kind: "root" }, access: "read" },
        ...mode === "workspace-write" ? write : [],
      ],
      workspaceRoots: [root],
      patternsFrom: root,
    },
    network: typeof network === "object" ? "own" : network === "full" ? "enabled" : "restricted",
  };
}
