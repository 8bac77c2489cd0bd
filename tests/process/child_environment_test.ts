import assert from "node:assert/strict";
import fc from "fast-check";
import { childEnvironment } from "../../src/process/child_environment.ts";
import type { EnvPolicy } from "../../src/protocol/schemas/process.ts";

function policy(rest: Partial<EnvPolicy> = {}): EnvPolicy {
  return { inherit: "all", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [], ...rest };
}

/** The names that a policy lets through of some. */
function kept(names: string[], rest: Partial<EnvPolicy>): string[] {
  const own = Object.fromEntries(names.map((name) => [name, "x"]));
  return Object.keys(childEnvironment({}, policy(rest), own));
}

Deno.test("without a policy a child gets exactly what the request names", () => {
  assert.deepEqual(childEnvironment({ A: "1", B: "" }, undefined, { PATH: "/bin", C: "2" }), {
    A: "1",
    B: "",
  });
});

Deno.test("a policy starts from all, the core or nothing of the server's environment", () => {
  const own = { PATH: "/bin", home: "/root", Lc_All: "C", LC_TIME: "C", EDITOR: "vi", TMPDIR: "/tmp" };
  assert.deepEqual(childEnvironment({}, policy(), own), own);
  assert.deepEqual(childEnvironment({}, policy({ inherit: "none" }), own), {});
  assert.deepEqual(childEnvironment({}, policy({ inherit: "core" }), own), {
    PATH: "/bin",
    home: "/root",
    Lc_All: "C",
    TMPDIR: "/tmp",
  });
});

Deno.test("names that look like credentials are dropped unless the policy says otherwise", () => {
  const names = ["API_KEY", "keyboard", "My_Secret_x", "TOKEN", "tok", "PATH"];
  assert.deepEqual(kept(names, { ignoreDefaultExcludes: false }), ["tok", "PATH"]);
  assert.deepEqual(kept(names, { ignoreDefaultExcludes: true }), names);
});

Deno.test("the default excludes spare what the policy sets and the request names", () => {
  const made = childEnvironment(
    { SECRET_B: "2" },
    policy({ inherit: "none", ignoreDefaultExcludes: false, set: { SECRET_A: "1" } }),
    {},
  );
  assert.deepEqual(made, { SECRET_A: "1", SECRET_B: "2" });
});

Deno.test("what is set can be left out by includeOnly, what the request names cannot", () => {
  const made = childEnvironment(
    { C: "3" },
    policy({ set: { A: "1", B: "2" }, includeOnly: ["B"] }),
    { D: "4", b: "5" },
  );
  assert.deepEqual(made, { B: "2", b: "5", C: "3" });
});

Deno.test("the request's variables lie over the set ones, and those over the inherited ones", () => {
  const made = childEnvironment({ C: "env" }, policy({ set: { B: "set", C: "set" } }), {
    A: "own",
    B: "own",
    C: "own",
  });
  assert.deepEqual(made, { A: "own", B: "set", C: "env" });
});

for (
  const [glob, matching, others] of [
    ["*", ["A", "", "anything at all"], []],
    ["", [""], ["A"]],
    ["PATH", ["PATH", "path"], ["PATHS", "XPATH", "PAT"]],
    ["P*", ["P", "path", "p*"], ["XP"]],
    ["*H", ["h", "PATH"], ["PATHS"]],
    ["*A*B*", ["AB", "xaxbx", "aab", "abab"], ["BA", "A"]],
    ["?", ["A", "?"], ["", "AB"]],
    ["A?C", ["ABC", "a?c"], ["AC", "ABBC"]],
    ["[AB]", ["[ab]"], ["A", "B"]],
    ["A.C", ["a.c"], ["ABC"]],
    ["A**B", ["AB", "AxB"], ["A"]],
    ["*?*", ["A", "AB"], [""]],
    ["(A|B)+$", ["(a|b)+$"], ["AB"]],
  ] as const
) {
  Deno.test(`the pattern ${JSON.stringify(glob)} covers ${matching.length} names and not ${others.length} others`, () => {
    const names = [...matching, ...others];
    assert.deepEqual(
      kept(names, { exclude: [glob] }),
      names.filter((name) => !matching.includes(name as never)),
    );
    assert.deepEqual(kept(names, { includeOnly: [glob] }).sort(), [...matching].sort());
  });
}

Deno.test("a pattern matches as the same regular expression would", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  const glob = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(glob, text, (glob, name) => {
      const expected = new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
      assert.equal(kept([name], { includeOnly: [glob, "never"] }).length === 1, expected);
    }),
    { seed: 4, numRuns: 2000 },
  );
});

Deno.test("no child sees the executor's own credentials, wherever they come from and however they are spelled", () => {
  const made = childEnvironment(
    { node_repl_auth_token: "1", A: "2" },
    policy({ set: { OPENAI_IDENTITY_TOKEN_FILE: "3", B: "4" } }),
    { CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN: "5", C: "6" },
  );
  assert.deepEqual(made, { C: "6", B: "4", A: "2" });
});

Deno.test("a variable may have any name, even one that objects have by nature", () => {
  const env = JSON.parse('{"__proto__":"1","constructor":"2","toString":"3"}');
  assert.deepEqual(Object.entries(childEnvironment(env, policy({ inherit: "none" }), {})), [
    ["__proto__", "1"],
    ["constructor", "2"],
    ["toString", "3"],
  ]);
});
