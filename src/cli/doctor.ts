import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { defineCommand } from "./command.ts";
import type { Finding } from "./doctor_finding.ts";
import { print } from "./print.ts";
import type { ProgramHost } from "./program_host.ts";

/** The version of `codex exec-server` whose behaviour this program follows. */
const protocolVersion = "0.171.0";

/** `exec-server doctor` */
export const doctor = defineCommand({
  name: "doctor",
  summary: "Check what this machine offers, one line each, with a remedy for what is missing",
  description:
    `With --tls-cert it looks at the files of a server at wss://, too: the chain, the key, the names and the dates.

Exit status: 0 when everything is there, 1 otherwise.`,
  examples: ["|| echo something is missing", "--tls-cert chain.pem --tls-key key.pem"],
  flags: {
    "tls-cert": { value: "FILE", complete: "files", help: "Look at this certificate, and those behind it" },
    "tls-key": { value: "FILE", complete: "files", help: "Look at its private key" },
    "tls-client-ca": { value: "FILE", complete: "files", help: "Look at the authorities of clients" },
  },
  async run({ flags }, host) {
    const { tlsChecks } = await import("./doctor_tls.ts");
    let missing = 0;
    for (const [name, check] of Object.entries({ ...checks, ...tlsChecks(flags) })) {
      const finding = await check(host);
      const bad = "bad" in finding;
      missing += Number(bad);
      const text = bad ? `${finding.bad}; ${finding.remedy}` : finding.good;
      const status = await print(host, `${bad ? "MISSING" : "ok     "} ${name.padEnd(12)} ${text}\n`);
      if (status !== 0) return status;
    }
    return missing > 0 ? 1 : 0;
  },
});

const checks: Record<string, (host: ProgramHost) => Finding | Promise<Finding>> = {
  "runtime": ({ name, version }) => ({ good: `${name} ${version} on ${process.platform} ${process.arch}` }),
  "protocol": () => ({ good: `as spoken by codex exec-server ${protocolVersion}` }),
  "terminals": (host) => checkTerminal(host),
  "sandbox": async (host) => {
    const { checkSandbox } = await import("./check_sandbox.ts");
    return await checkSandbox(host);
  },
  "limits": async (host) => {
    const { findLimits } = await import("./check_limits.ts");
    return await findLimits(host);
  },
  "daemons": async (host) => {
    const { findDaemons } = await import("./check_limits.ts");
    return await findDaemons(host);
  },
  "port": (host) => checkPort(host),
  "shell": (host) => {
    const { path } = host.facts().shell;
    try {
      accessSync(path, constants.X_OK);
      return { good: path };
    } catch {
      return {
        bad: `the login shell "${path}" cannot be run`,
        remedy: "give the user another one with chsh",
      };
    }
  },
  "temp folder": () => {
    try {
      const folder = mkdtempSync(join(tmpdir(), "exec-server-doctor-"));
      rmSync(folder, { recursive: true });
      return { good: tmpdir() };
    } catch (error) {
      return { bad: `nothing can be made in ${tmpdir()}: ${(error as Error).message}`, remedy: "set TMPDIR" };
    }
  },
  "open files": () => checkOpenFiles(),
  "clock": () =>
    Date.now() > Date.UTC(2025, 0) ? { good: new Date().toISOString() } : {
      bad: `it is ${new Date().toISOString()}`,
      remedy: "set the clock, or no signed token will be valid",
    },
};

async function checkTerminal({ spawner }: ProgramHost): Promise<Finding> {
  try {
    const child = spawner.spawnTerminal({
      program: "/bin/sh",
      argv0: "sh",
      args: ["-c", "exit 7"],
      cwd: "/",
      env: {},
      size: { rows: 24, cols: 80 },
    });
    for (const { source } of child.outputs) while (await source.read(1024));
    const { code } = await child.exit;
    await child.stdin?.close();
    if (code !== 7) throw new Error(`a test program ended with ${code} instead of 7`);
    return { good: "a test program ran on one" };
  } catch (error) {
    return { bad: (error as Error).message, remedy: "processes with pipes work all the same" };
  }
}

async function checkPort(host: ProgramHost): Promise<Finding> {
  try {
    const { startLocalServer } = await import("./local_server.ts");
    await using server = await startLocalServer(host);
    return { good: `a server can listen on ${new URL(server.url).hostname}` };
  } catch (error) {
    return { bad: (error as Error).message, remedy: "let this program listen on the loopback interface" };
  }
}

/** Every process takes a few descriptors, so a low limit shows itself late and badly. */
function checkOpenFiles(): Finding {
  let limits: string;
  try {
    limits = readFileSync("/proc/self/limits", "utf8");
  } catch {
    return { good: "the limit cannot be read on this system; `ulimit -n` tells" };
  }
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits)?.[1] ?? "unlimited";
  return soft === "unlimited" || Number(soft) >= 4096
    ? { good: soft }
    : { bad: `only ${soft}`, remedy: "raise the limit with `ulimit -n 4096` or more" };
}
