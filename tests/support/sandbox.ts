/** Policies for tests, and whether this machine can obey them. */
import type { Sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { pathToFileUrl } from "./file_url.ts";

type Managed = Extract<Sandbox["permissions"], { type: "managed" }>;
export type Entries = Extract<Managed["file_system"], { type: "restricted" }>["entries"];

async function runs(program: string, args: string[]): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    return (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Whether bubblewrap is there and the kernel lets it make its namespaces: tests that need them are left out otherwise. */
export const canConfine: boolean = await runs(
  "/usr/bin/bwrap",
  ["--unshare-user", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"],
);

/** Whether the kernel has a Landlock that rules enough. */
export const hasLandlock: boolean = await runs("python3", [
  "-c",
  "import ctypes; exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < 3)",
]);

/** The ways to make any sandbox: whether this machine has them, and how a server is told. */
export const mechanisms: readonly {
  readonly name: "bwrap" | "native";
  readonly isThere: boolean;
  readonly args: readonly string[];
}[] = [
  { name: "bwrap", isThere: canConfine, args: [] },
  {
    name: "native",
    isThere: await runs("unshare", [
      "--user",
      "--map-root-user",
      "--mount",
      "--pid",
      "--net",
      "--fork",
      "true",
    ]),
    args: ["--sandbox-mechanism", "native"],
  },
];

/** Everything may be read. */
export const rootRead: Entries[number] = {
  path: { type: "special", value: { kind: "root" } },
  access: "read",
};

/** An entry for a path. */
export function entry(access: "read" | "write" | "none", path: string): Entries[number] {
  return { path: { type: "path", path: pathToFileUrl(path) }, access };
}

/** A policy of entries. */
export function restricted(
  entries: Entries,
  network: Managed["network"] = "restricted",
  more: Partial<Sandbox> = {},
): Sandbox {
  return {
    permissions: { type: "managed", file_system: { type: "restricted", entries }, network },
    windowsSandboxLevel: "disabled",
    ...more,
  };
}
