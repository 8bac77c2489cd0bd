import { deepStrictEqual, throws } from "node:assert/strict";
import type { Permissions, Sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { policyOf } from "../../src/server/handlers/sandbox_policy.ts";

const sandbox = (permissions: Permissions, more: Partial<Sandbox> = {}): Sandbox => ({
  permissions,
  windowsSandboxLevel: "disabled",
  ...more,
});
type Entries = Extract<
  Extract<Permissions, { type: "managed" }>["file_system"],
  { type: "restricted" }
>["entries"];
const restricted = (...entries: Entries): Permissions => ({
  type: "managed",
  file_system: { type: "restricted", entries },
  network: "restricted",
});

Deno.test("a policy without restricted files is its network alone", () => {
  const of = (permissions: Permissions) => policyOf(sandbox(permissions), "linux", "/");
  deepStrictEqual(of({ type: "disabled" }), { files: undefined, network: "enabled" });
  deepStrictEqual(of({ type: "external", network: "restricted" }), {
    files: undefined,
    network: "restricted",
  });
  deepStrictEqual(of({ type: "managed", file_system: { type: "unrestricted" }, network: "enabled" }), {
    files: undefined,
    network: "enabled",
  });
});

Deno.test("entries come out in native terms, without those that stand for nothing", () => {
  const { files } = policyOf(
    sandbox(restricted(
      { path: { type: "path", path: "file:///a%20b" }, access: "deny" },
      { path: { type: "glob_pattern", pattern: "*.pem" }, access: "none" },
      { path: { type: "special", value: { kind: "unknown", path: "x" } }, access: "write" },
      { path: { type: "special", value: { kind: "current_working_directory" } }, access: "write" },
      { path: { type: "special", value: { kind: "project_roots", subpath: ".git" } }, access: "read" },
    )),
    "linux",
    "/process",
  );
  deepStrictEqual(files, {
    entries: [
      { place: { kind: "path", path: "/a b" }, access: "none" },
      { place: { kind: "pattern", pattern: "*.pem" }, access: "none" },
      { place: { kind: "workspace", subpath: undefined }, access: "write" },
      { place: { kind: "workspace", subpath: ".git" }, access: "read" },
    ],
    workspaceRoots: [],
    patternsFrom: "/process",
    patternDepth: undefined,
  });
});

Deno.test("policyContext takes the place of cwd and workspaceRoots as a whole", () => {
  const own = { cwd: "file:///cwd", workspaceRoots: ["file:///a"] };
  const roots = (more: Partial<Sandbox>) => {
    const { patternsFrom, workspaceRoots } = policyOf(sandbox(restricted(), more), "linux", "/process")
      .files!;
    return [patternsFrom, ...workspaceRoots];
  };
  deepStrictEqual(roots(own), ["/cwd", "/a"]);
  deepStrictEqual(roots({ ...own, policyContext: { cwd: "file:///b" } }), ["/b"]);
  deepStrictEqual(roots({ ...own, policyContext: { cwd: undefined, workspaceRoots: ["file:///c"] } }), [
    "/process",
    "/c",
  ]);
});

Deno.test("what this machine does not have is refused", () => {
  const refused = (of: Sandbox, code: number, message: RegExp) =>
    throws(() => policyOf(of, "linux", "/"), { code, message });
  const at = (path: string) => sandbox(restricted({ path: { type: "path", path }, access: "read" }));
  refused(at("/tmp"), -32602, /relative URL without a base/);
  refused(
    at("file://host/y"),
    -32602,
    /invalid sandbox permission path: 'file:\/\/host\/y' is invalid on 'linux'/,
  );
  refused(sandbox({ type: "disabled" }, { windowsSandboxLevel: "mxc" }), -32602, /native MXC is unavailable/);
  refused(sandbox(restricted(), { useLegacyLandlock: true }), -32603, /ask without useLegacyLandlock/);
});
