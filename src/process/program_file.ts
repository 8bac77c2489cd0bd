import type { SpawnRequest } from "../host/child_process.ts";
import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import { SCRIPT_HEAD_BYTES } from "../limits.ts";
import { mountTable } from "../host/mount_table.ts";
import { remoteMountOf } from "../host/remote_path.ts";

/** Interpreters that are scripts themselves, above which the kernel gives up too. */
const interpretersAtMost = 4;

/** Runs a script that has no `#!` line. */
const shell = "/bin/sh";

/** Whether the kernel can load a program at once: neither it nor what its `#!` line names may have to be waited for. */
export function loadsAtOnce(program: string): boolean {
  if (mountTable.remote.size === 0) return true;
  let path: string | undefined = program;
  for (let count = 0; path !== undefined && count <= interpretersAtMost; count++) {
    if (remoteMountOf(path) !== undefined) return false;
    path = interpreterIn(headAtOnce(path));
  }
  return true;
}

/**
 * Waits until the file systems of a program and of what its `#!` line names have answered. A child that waits for one in
 * the middle of its start is nobody's: it cannot be killed by a number that is not known yet, and outlives this program.
 */
export async function answers(program: string): Promise<void> {
  let path: string | undefined = program;
  for (let count = 0; path !== undefined && count <= interpretersAtMost; count++) {
    path = interpreterIn(await headInTime(path));
  }
}

/**
 * Whether a file that the kernel does not know how to run is text as POSIX defines it: lines with ends, without a NUL.
 * Shells, and `execvp`, run such a file as a script of `/bin/sh`.
 */
export function isText(head: Uint8Array): boolean {
  return head.includes(0x0a) && !head.includes(0);
}

/** The beginning of a file; nothing where it cannot be read. */
export function headAtOnce(path: string): Uint8Array {
  const head = new Uint8Array(SCRIPT_HEAD_BYTES);
  try {
    const descriptor = openSync(path, "r");
    try {
      return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return head.subarray(0, 0);
  }
}

/** The same, in its own time. */
export async function headInTime(path: string): Promise<Uint8Array> {
  const head = new Uint8Array(SCRIPT_HEAD_BYTES);
  try {
    await using file = await open(path, "r");
    return head.subarray(0, (await file.read(head, 0, head.length, 0)).bytesRead);
  } catch {
    return head.subarray(0, 0);
  }
}

function interpreterIn(head: Uint8Array): string | undefined {
  return /^#![ \t]*(\/[^\s\0]+)/.exec(new TextDecoder().decode(head))?.[1];
}

/** The start of a script without a `#!` line, as `execvp` makes it. */
export function asScript(request: SpawnRequest): SpawnRequest {
  return { ...request, program: shell, argv0: shell, args: [request.program, ...request.args] };
}
