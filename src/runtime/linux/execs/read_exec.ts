/** Reads what a process is about to run. */
import type { ExecQuestion } from "../../../host/pending_exec.ts";
import { EXEC_ARGUMENT_BYTES } from "../../../limits.ts";
import { pathFromBytes } from "../../../native/path_text.ts";
import { cString } from "../../posix/c_strings.ts";
import type { Libc } from "../../posix/libc.ts";
import { systemError } from "../../posix/system_error.ts";
import type { NotifiedCall } from "../notify/notified_call.ts";
import { systemCallNumber, thisProcessor } from "../runner/system_calls.ts";

const AT_FDCWD = -100;
const pathBytes = 4096;

/** @throws {Error} with `code`, as whoever looks at its memory */
export function readExec(libc: Libc, call: NotifiedCall): ExecQuestion {
  const { pid, memory } = call;
  const isAt = call.call === "execveat";
  const first = isAt ? 1 : 0;
  const name = pathFromBytes(memory.text(call.address(first), pathBytes));
  const argv = readTexts(call, call.address(first + 1));
  const cwd = linkOf(libc, pid, "cwd");
  const from = isAt && call.int(0) !== AT_FDCWD ? linkOf(libc, pid, `fd/${call.int(0)}`) : cwd;
  return { pid, path: absolute(name, from), argv, cwd };
}

function readTexts({ memory }: NotifiedCall, address: number): string[] {
  const texts: string[] = [];
  let left = EXEC_ARGUMENT_BYTES;
  // A null in the place of all pointers means none.
  if (address === 0) return texts;
  for (let at = address;; at += 8) {
    const pointer = memory.word(at);
    if (pointer === 0) return texts;
    const text = memory.text(pointer, left);
    left -= text.length + 8;
    texts.push(pathFromBytes(text));
  }
}

/** The kernel tells this without asking the file system. */
function linkOf({ c, addressOf, errno }: Libc, pid: number, name: string): string {
  const path = cString(`/proc/${pid}/${name}`);
  const pathAt = pathBytes;
  const block = new Uint8Array(new ArrayBuffer(pathBytes + path.length));
  block.set(path, pathAt);
  const base = Number(addressOf(block));
  const call = systemCallNumber("readlinkat", thisProcessor!);
  const length = c.systemCall(call, 0, base + pathAt, base, pathBytes, 0, 0);
  if (length < 0) throw systemError("readlinkat", errno());
  return pathFromBytes(block.subarray(0, length));
}

/** Without looking at what is there: links stay. */
function absolute(path: string, from: string): string {
  if (path === "") return from;
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${from}/${path}`).split("/")) {
    if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
