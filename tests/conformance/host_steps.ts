/** The steps that look at the machine, or at the server from outside: files, processes, plain HTTP. */
import { shorten } from "./pattern.ts";
import { type Scene, usualWait } from "./scene.ts";
import { expandText } from "./variables.ts";
import type { FileCheck, FileOperation, HttpStep, ProcessCheckStep } from "./vector.ts";

export async function operateOnFile(operation: FileOperation, scene: Scene): Promise<void> {
  if ("mkdir" in operation) {
    await Deno.mkdir(scene.path(operation.mkdir), { recursive: true });
  } else if ("write" in operation) {
    const { text = "", base64, mode } = operation;
    const bytes = base64 === undefined ? new TextEncoder().encode(text) : Uint8Array.fromBase64(base64);
    await Deno.writeFile(scene.path(operation.write), bytes);
    if (mode !== undefined) await Deno.chmod(scene.path(operation.write), parseInt(mode, 8));
  } else if ("symlink" in operation) {
    await Deno.symlink(expandText(operation.to, scene.variables), scene.path(operation.symlink));
  } else if ("fifo" in operation) {
    await new Deno.Command("mkfifo", { args: [scene.path(operation.fifo)] }).output();
  } else if ("remove" in operation) {
    await Deno.remove(scene.path(operation.remove), { recursive: true });
  } else {
    throw new Error(`Unknown file operation ${shorten(operation)}`);
  }
}

export async function checkFile(check: FileCheck, scene: Scene): Promise<void> {
  const { path: written, ...expected } = check;
  const path = scene.path(written);
  const mismatch = scene.mismatch({ absent: false, ...expected, $extra: true }, await describeFile(path));
  if (mismatch !== undefined) throw new Error(`${path} ${mismatch}`);
}

/** A file in the terms of `FileCheck`. */
async function describeFile(path: string): Promise<Record<string, unknown>> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { absent: true };
    throw error;
  }
  return {
    absent: false,
    text: info.isFile ? await Deno.readTextFile(path) : undefined,
    size: info.size,
    mode: ((info.mode ?? 0) & 0o7777).toString(8),
    symlink: info.isSymlink,
    dir: info.isDirectory,
  };
}

/** The kernel reports no death of a process that is not our child, so this looks until it is as expected. */
export async function checkProcess(step: ProcessCheckStep, scene: Scene): Promise<void> {
  const pid = expandText(step.proc.pid, scene.variables);
  const end = performance.now() + (step.within ?? usualWait);
  while (await isAlive(pid) !== step.proc.alive) {
    if (performance.now() > end) {
      throw new Error(`expected process ${pid} to be ${step.proc.alive ? "alive" : "dead"}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** A zombie is dead: it only waits for its parent to ask. */
async function isAlive(pid: string): Promise<boolean> {
  try {
    return !/\) [ZX] /.test(await Deno.readTextFile(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

export async function request({ http }: HttpStep, scene: Scene): Promise<void> {
  // Put together as text: a path that begins with two slashes is no host.
  const url = scene.target.url.replace(/^ws/, "http").replace(/\/$/, "") + http.path;
  const response = await fetch(url, { method: http.method ?? "GET", headers: http.headers });
  const body = await response.text();
  if (response.status !== http.status) {
    throw new Error(`expected HTTP ${http.status}, got ${response.status}`);
  }
  const mismatch = http.body === undefined ? undefined : scene.mismatch(http.body, body);
  if (mismatch !== undefined) throw new Error(`body ${mismatch}`);
}
