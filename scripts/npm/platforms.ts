/** The packages that hold one binary each. The launcher's package names them all; npm installs the one that fits. */
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { root } from "../places.ts";

/** What is known of one of them. */
export interface PlatformPackage {
  readonly name: string;
  /** The names of Node and npm. */
  readonly os: "linux" | "darwin" | "win32";
  readonly cpu: "x64" | "arm64";
  /** On Linux, which C library the binary needs. */
  readonly libc?: "glibc" | "musl";
}

/** Every platform package, by the target of its binary. */
export const platformPackages: Readonly<Record<string, PlatformPackage>> = {
  "x86_64-unknown-linux-gnu": { name: "@exec-server/linux-x64", os: "linux", cpu: "x64", libc: "glibc" },
  "aarch64-unknown-linux-gnu": { name: "@exec-server/linux-arm64", os: "linux", cpu: "arm64", libc: "glibc" },
  "x86_64-unknown-linux-musl": { name: "@exec-server/linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  "aarch64-unknown-linux-musl": {
    name: "@exec-server/linux-arm64-musl",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
  },
  "x86_64-apple-darwin": { name: "@exec-server/darwin-x64", os: "darwin", cpu: "x64" },
  "aarch64-apple-darwin": { name: "@exec-server/darwin-arm64", os: "darwin", cpu: "arm64" },
  "x86_64-pc-windows-msvc": { name: "@exec-server/win32-x64", os: "win32", cpu: "x64" },
};

/**
 * The binary of a target in `dist`, as `deno task compile` or `deno task compile:bun` left it, or as it comes out of an
 * archive; undefined without one.
 */
export function findBinary(target: string): string | undefined {
  const extension = target.includes("windows") ? ".exe" : "";
  const names = ["", "-bun"].map((maker) => `exec-server-${version}-${target}${maker}`);
  return names.flatMap((name) => [`${name}${extension}`, `${name}/exec-server${extension}`])
    .map((name) => join(root, "dist", name)).find(isFile);
}

/**
 * Builds the package of a target.
 *
 * @param folder absolute path of where it goes
 */
export async function buildPlatformPackage(target: string, binary: string, folder: string): Promise<void> {
  const { name, os, cpu, libc } = platformPackages[target]!;
  const program = os === "win32" ? "exec-server.exe" : "exec-server";
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(binary, join(folder, program));
  if (os !== "win32") await Deno.chmod(join(folder, program), 0o755);
  for (const file of ["LICENSE", "THIRD-PARTY-NOTICES"]) {
    await Deno.copyFile(join(root, file), join(folder, file));
  }
  await Deno.writeTextFile(
    join(folder, "README.md"),
    `# ${name}\n\nThe binary of \`exec-server\` for ${target}. It belongs to the package \`exec-server\`.\n`,
  );
  const description = {
    name,
    version,
    description: `The binary of exec-server for ${target}`,
    license: "Apache-2.0",
    os: [os],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    files: [program, "THIRD-PARTY-NOTICES"],
    // Package managers that keep packages in archives must unpack this one.
    preferUnplugged: true,
  };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(description, null, 2) + "\n");
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
