/** Where and with what a bench ran. */
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { version } from "../../src/version.ts";
import { root, testModules } from "../places.ts";
import { isFile } from "./installed.ts";

export interface Machine {
  /** The day, in UTC: `2026-11-21`. */
  readonly date: string;
  /** Processor, memory and operating system, in one line. */
  readonly hardware: string;
  /** Versions by name. */
  readonly versions: Record<string, string>;
}

export function describeMachine(): Machine {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const versions = {
    "exec-server": `${version} (${firstLine("git", "rev-parse", "--short", "HEAD") ?? "no commit"})`,
    "Deno": Deno.version.deno,
    "Bun": packageVersion(join(root, "node_modules/bun")),
    "codex": packageVersion(join(testModules, "@openai/codex")),
    "sshd": words(firstLine("ssh", "-V"), /OpenSSH_\S+?(?=[\s,])/),
    "websocketd": packageOfDebian("websocketd"),
  };
  return {
    date: new Date().toISOString().slice(0, 10),
    hardware: `${processors.length} cores of ${
      processors[0]?.model.trim()
    }, ${memory} GB of memory, ${type()} ${release()}`,
    versions: Object.fromEntries(
      Object.entries(versions).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}

function packageVersion(folder: string): string | undefined {
  const path = join(folder, "package.json");
  return isFile(path) ? JSON.parse(Deno.readTextFileSync(path)).version : undefined;
}

function packageOfDebian(name: string): string | undefined {
  return firstLine("dpkg-query", "-W", "-f", "${Version}", name);
}

function words(text: string | undefined, pattern: RegExp): string | undefined {
  return text && pattern.exec(text)?.[0];
}

/** The first line that a command prints; undefined where it fails or is not there. */
function firstLine(program: string, ...args: string[]): string | undefined {
  try {
    const { success, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
    const decoder = new TextDecoder();
    return success ? (decoder.decode(stdout) || decoder.decode(stderr)).split("\n")[0] : undefined;
  } catch {
    return undefined;
  }
}
