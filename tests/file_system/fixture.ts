/** What the tests of the file system share: a folder of their own, the disk under test, and how errors look. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { isFault, rpcFailure } from "../../src/protocol/rpc_failure.ts";

/** The disk as the program has it on the runtime that the test runs on. */
export const disk = new MachineDisk(thisHost);

/** A folder that is removed at the end of the test. */
export interface Folder extends Disposable {
  readonly path: string;
  /** The path of something in the folder. */
  at(name: string): string;
  /** Runs a script of bash in the folder; what it printed. */
  sh(script: string): string;
}

/** Makes a folder, and fills it by a script of bash. */
export function makeFolder(script = ":"): Folder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "exec-server-test-")));
  const folder: Folder = {
    path,
    at: (name) => `${path}/${name}`,
    sh: (commands) =>
      execFileSync("bash", ["-euc", commands], {
        cwd: path,
        encoding: "utf8",
        env: { ...process.env, LC_ALL: "C.UTF-8" }, // Without it bash leaves \u escapes as they are.
        stdio: ["ignore", "pipe", "pipe"],
      }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
  folder.sh(script);
  return folder;
}

/** The usual things to try an operation on: files, folders, and links of every kind. */
export const zoo = `
  printf hello > a
  mkdir -p d/sub
  printf x > d/f
  ln -s a ln
  ln -s nowhere broken
  ln -s d dl
  ln -s loop loop
  mkfifo p
`;

/** A program as `sl` that runs, its pid in `pid`: nobody can write to its file. */
export const runningProgram = `
  cp /bin/sleep sl
  ./sl 5 </dev/null >/dev/null 2>&1 &
  echo $! > pid
  until [ "$(readlink /proc/$!/exe)" = "$PWD/sl" ]; do :; done
`;

/** Asserts that an operation fails with an error that clients are told with this code, and this message. */
export async function assertFails(
  operation: Promise<unknown>,
  code: number,
  message: string | RegExp = /./,
): Promise<void> {
  await assert.rejects(operation, (thrown) => {
    assert.ok(!isFault(thrown), `an error that nobody had in mind: ${(thrown as Error)?.stack}`);
    const error = rpcFailure(thrown);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

/** Texts of the operating system's errors. */
export const texts = {
  missing: "No such file or directory (os error 2)",
  notDirectory: "Not a directory (os error 20)",
  isDirectory: "Is a directory (os error 21)",
  exists: "File exists (os error 17)",
  loop: "Too many levels of symbolic links (os error 40)",
  tooLong: "File name too long (os error 36)",
  notEmpty: "Directory not empty (os error 39)",
  notPermitted: "Operation not permitted (os error 1)",
} as const;

/** The text of some bytes. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Makes directories one in another, so deep that no path leads to the last of them. */
export function makeDeep(folder: Folder, name: string, depth: number): void {
  const step = 1_000;
  const names = "/d".repeat(step);
  for (let made = 0; made < depth; made += step) {
    mkdirSync(folder.at(`upper${names}`), { recursive: true });
    if (made > 0) renameSync(folder.at(name), folder.at(`upper${names}/${name}`));
    renameSync(folder.at("upper"), folder.at(name));
  }
}
