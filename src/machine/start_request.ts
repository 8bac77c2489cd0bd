import { type OptionNames, refuseUnknownOptions } from "../client/known_options.ts";
import type { PlatformOs } from "../protocol/file_uri.ts";
import type { EnvPolicy } from "../protocol/schemas/process.ts";
import type { StartRequest } from "./exec_backend.ts";
import { checkDescriptors } from "./descriptors_request.ts";
import { checkExecPolicy } from "./exec_policy_request.ts";
import { checkLimits } from "./limits_request.ts";
import { checkSandbox } from "./sandbox_request.ts";
import { uriOfPath } from "./machine_path.ts";

const coreOnly: EnvPolicy = {
  inherit: "core",
  ignoreDefaultExcludes: false,
  exclude: [],
  set: {},
  includeOnly: [],
};

const members: OptionNames<StartRequest> = {
  argv: true,
  cwd: true,
  env: true,
  envPolicy: true,
  arg0: true,
  pipeStdin: true,
  tty: true,
  size: true,
  screen: true,
  descriptors: true,
  sandbox: true,
  limits: true,
  execPolicy: true,
  lossless: true,
  processId: true,
  name: true,
  lifetime: true,
};

/**
 * Refuses what only a program without types can ask for, before anything is made of it.
 *
 * @throws {TypeError} for a member that means nothing, and for an argv or an environment of another type
 */
export function checkStartRequest(request: StartRequest): void {
  refuseUnknownOptions("start", request, members);
  checkArgv(request.argv);
  checkTexts("env", request.env);
  if (request.descriptors !== undefined) checkDescriptors(request.descriptors);
  if (request.sandbox !== undefined) checkSandbox(request.sandbox);
  if (request.limits !== undefined) checkLimits(request.limits);
  if (request.execPolicy !== undefined) checkExecPolicy(request.execPolicy);
}

/**
 * @throws {TypeError} for anything but an array of strings
 */
export function checkArgv(argv: unknown): void {
  if (Array.isArray(argv) && argv.every((argument) => typeof argument === "string")) return;
  if (typeof argv === "string") {
    const words = JSON.stringify(argv.trim().split(/\s+/));
    throw new TypeError(
      `argv must be an array of strings, such as ${words}; for what a shell understands, ["sh", "-c", ${
        JSON.stringify(argv)
      }]`,
    );
  }
  throw new TypeError('argv must be an array of strings, such as ["ls", "-la"]');
}

function checkTexts(name: string, record: unknown): void {
  if (record === undefined || record === null) return;
  const stray = typeof record !== "object" || Array.isArray(record)
    ? ["", record] as const
    : Object.entries(record).find(([, value]) => typeof value !== "string");
  if (!stray) return;
  const [key] = stray;
  throw new TypeError(
    key === ""
      ? `${name} must be an object of strings, such as { LANG: "C" }`
      : `${name} must hold strings: that of ${JSON.stringify(key)} is ${typeof stray[1]}`,
  );
}

/** The policy of a request; undefined for exactly its own variables. */
export function envPolicyOf({ envPolicy }: StartRequest): EnvPolicy | undefined {
  return envPolicy === undefined ? coreOnly : envPolicy ?? undefined;
}

/**
 * The variables of a request. A terminal has a type, without which programs refuse to draw on it; what the request says
 * itself goes before that.
 */
export function envOf({ tty, env, envPolicy }: StartRequest): Record<string, string> {
  const isTyped = !tty || envPolicy === null || envPolicy?.set.TERM !== undefined;
  return isTyped ? { ...env } : { TERM: "xterm-256color", ...env };
}

/**
 * A directory as a `file:` URI of its machine, which may have been given as one already.
 *
 * @throws {ServerError} EINVAL for one that is not absolute there
 */
export function directoryUri(directory: string, os: PlatformOs): string {
  if (typeof directory !== "string") {
    throw new TypeError(`cwd must be a string, not ${JSON.stringify(directory)}`);
  }
  return uriOfPath(directory, os);
}

/** Whether a request's program is answered by a terminal that keeps a screen. */
export function wantsAnswers({ tty, screen }: StartRequest): boolean {
  return tty === true && screen?.answers === true;
}

/** Bytes of a text, or bytes. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
