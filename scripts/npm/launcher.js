#!/usr/bin/env node
// Runs the binary that came with the platform's own package, as if it had been called itself.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import process from "node:process";
import { isatty } from "node:tty";

const failed = 125;
const args = process.argv.slice(2);
const binary = findBinary();
if (binary !== undefined) run(binary);

/** The binary's path; undefined, and said so, where there is none. */
function findBinary() {
  const platform = `${process.platform}-${process.arch}`;
  const names = [platform, ...(process.platform === "linux" ? [`${platform}-musl`] : [])]
    .map((name) => `@exec-server/${name}`);
  const program = process.platform === "win32" ? "exec-server.exe" : "exec-server";
  const { resolve } = createRequire(import.meta.url);
  const found = names.flatMap((name) => {
    try {
      return [resolve(`${name}/${program}`)];
    } catch {
      return [];
    }
  });
  // Package managers that do not know of C libraries install both.
  if (found.length > 1) return found[usesMusl() ? 1 : 0];
  if (found.length === 0) {
    fail(
      `The binary for ${platform} is missing: the package "${names[0]}" is not installed. Install its ` +
        `tarball beside that of exec-server, on this platform rather than a copy from another; where there is no such ` +
        `tarball, run exec-server from source on Deno or Bun`,
    );
  }
  return found[0];
}

function usesMusl() {
  return process.report?.getReport().header.glibcVersionRuntime === undefined;
}

function run(path) {
  // The program in place of this one, where Node can do that: signals, terminal and pid are then its own.
  if (process.execve && process.platform !== "win32") process.execve(path, [path, ...args], process.env);
  const child = spawn(path, args, { stdio: "inherit" });
  child.on("error", ({ message }) => fail(`Cannot run "${path}": ${message}`));
  // A terminal sends its signals to both; what comes from elsewhere is passed on.
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  for (const signal of ["SIGINT", "SIGQUIT"]) {
    process.on(signal, () => void (hasTerminal || child.kill(signal)));
  }
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`exec-server: ${message}\n`);
  process.exitCode = failed;
}
