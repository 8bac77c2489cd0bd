import { ok, strictEqual as is } from "node:assert/strict";
import { runScript } from "../../support/backend_process.ts";
import type { Behaviours } from "../backend_suite.ts";

const policy = { ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] } as const;

function policyOf(rest: Record<string, unknown>) {
  return { inherit: "all" as const, ...policy, exclude: [], includeOnly: [], ...rest };
}

function names(text: string): string[] {
  return text.split("\n").map((line) => line.split("=")[0]!).filter((name) =>
    !["", "_", "PWD", "SHLVL", "OLDPWD"].includes(name)
  );
}

/** What a process gets of its machine's environment. */
export const environmentBehaviours: Behaviours = {
  "it gets the variables it is given": async (backend) => {
    is((await runScript(backend, 'echo "$GIVEN"', { env: { GIVEN: "a\tb ä" } })).text, "a\tb ä\n");
  },
  "by default it has its machine's core variables": async (backend) => {
    const { text } = await runScript(backend, "/usr/bin/env", { env: { MORE: "1" } });
    ok(/^PATH=/m.test(text) && /^HOME=/m.test(text) && /^MORE=1$/m.test(text), text);
    ok(!/^(DENO_|BUN_|EXEC_SERVER|CODEX_HOME)/m.test(text), text);
  },
  "without a policy it has exactly its own": async (backend) => {
    const { text } = await runScript(backend, "/usr/bin/env", { env: { ONLY: "1" }, envPolicy: null });
    is(names(text).join(), "ONLY");
  },
  "a policy can set and take away": async (backend) => {
    const envPolicy = policyOf({ set: { SET: "1", GONE: "2" }, includeOnly: ["S?T"] });
    const { text } = await runScript(backend, "/usr/bin/env", { env: { ADDED: "3" }, envPolicy });
    is(names(text).sort().join(), "ADDED,SET");
  },
  "a policy can exclude by pattern": async (backend) => {
    const envPolicy = policyOf({ exclude: ["ho*"] });
    const { text } = await runScript(backend, "/usr/bin/env", { envPolicy });
    ok(!names(text).includes("HOME") && names(text).includes("PATH"), text);
  },
  "credentials of the executor are never passed on": async (backend) => {
    const { text } = await runScript(backend, "/usr/bin/env", {
      env: { NODE_REPL_AUTH_TOKEN: "secret", openai_identity_token_file: "secret" },
      envPolicy: null,
    });
    ok(!text.includes("secret"), text);
  },
};
