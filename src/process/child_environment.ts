import { ENVIRONMENT_COMPARISONS } from "../limits.ts";
import { invalid } from "../native/operation_error.ts";
import type { EnvPolicy } from "../protocol/schemas/process.ts";

/** Variables by name. */
export type Variables = Readonly<Record<string, string>>;

const coreNames = new Set([
  "HOME",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TEMP",
  "TMP",
  "TMPDIR",
  "USER",
]);

const defaultExcludes = ["*KEY*", "*SECRET*", "*TOKEN*"];

/** The executor's own credentials: no child ever sees them, wherever they come from. */
const credentials = new Set([
  "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN",
  "NODE_REPL_AUTH_TOKEN",
  "OPENAI_FEDERATION_RULE_ID",
  "OPENAI_IDENTITY_TOKEN_FILE",
  "OPENAI_WORKLOAD_IDENTITY_CONTEXT",
  "CODEX_GUARDIAN_DECISIONS_API_KEY",
  "CODEX_EXEC_SERVER_EXIT_ON_STDIN_CLOSE",
]);

/**
 * The environment of a child: exactly `env`, or `env` laid over what the policy makes of the server's own.
 *
 * @param own the server's environment
 * @throws {OperationError} INVALID for more variables and globs than can be compared without holding everybody up
 */
export function childEnvironment(
  env: Variables,
  policy: EnvPolicy | undefined,
  own: Variables,
): Variables {
  if (policy) refuseCostly(policy, own);
  const made = new Map<string, string>();
  if (policy) applyPolicy(policy, own, made);
  for (const [name, value] of Object.entries(env)) made.set(name, value);
  for (const name of made.keys()) if (credentials.has(name.toUpperCase())) made.delete(name);
  return Object.fromEntries(made);
}

function refuseCostly({ inherit, exclude, set, includeOnly }: EnvPolicy, own: Variables): void {
  const length = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
  const inherited = inherit === "none" ? 0 : length(Object.keys(own));
  const comparisons = inherited * length(exclude) +
    (inherited + length(Object.keys(set))) * length(includeOnly);
  if (comparisons <= ENVIRONMENT_COMPARISONS) return;
  throw invalid(
    "envPolicy has too many variables for its globs: put the variables into env, which is passed on as it is",
  );
}

function applyPolicy(policy: EnvPolicy, own: Variables, made: Map<string, string>): void {
  const excludes = policy.ignoreDefaultExcludes ? policy.exclude : [...defaultExcludes, ...policy.exclude];
  if (policy.inherit !== "none") {
    for (const [name, value] of Object.entries(own)) {
      if (policy.inherit === "core" && !coreNames.has(name.toUpperCase())) continue;
      if (!excludes.some((glob) => matches(glob, name))) made.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(policy.set)) made.set(name, value);
  if (policy.includeOnly.length === 0) return;
  for (const name of made.keys()) {
    if (!policy.includeOnly.some((glob) => matches(glob, name))) made.delete(name);
  }
}

/**
 * Whether a glob covers a whole name, without regard to case: `*` is any run, `?` one character, nothing else is
 * special. Linear in practice whatever the glob, unlike a regular expression made from it.
 */
function matches(glob: string, name: string): boolean {
  const pattern = glob.toUpperCase();
  const text = name.toUpperCase();
  let p = 0;
  let star = -1;
  let starText = 0;
  for (let t = 0; t < text.length;) {
    if (pattern[p] === "*") {
      star = p++;
      starText = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
