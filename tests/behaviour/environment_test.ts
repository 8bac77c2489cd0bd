import assert from "node:assert/strict";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { EnvPolicy } from "../../src/protocol/schemas/process.ts";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";

const own = {
  PATH: Deno.env.get("PATH")!,
  HOME: "/root",
  LANG: "C",
  PLAIN: "plain",
  MULTI: "line 1\nline 2=x",
  MY_API_KEY: "key",
  NODE_REPL_AUTH_TOKEN: "never",
};

let server: ServerProcess;
let client: ExecServerClient;
let number = 0;

Deno.test.beforeAll(async () => {
  server = await startServer({ env: own });
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
});

/** The environment that a child sees. */
async function seen(
  env: Record<string, string>,
  policy?: Partial<EnvPolicy>,
): Promise<Record<string, string>> {
  const envPolicy = policy && {
    inherit: "all" as const,
    ignoreDefaultExcludes: true,
    exclude: [],
    set: {},
    includeOnly: [],
    ...policy,
  };
  const params = startParams(`env-${++number}`, ["/usr/bin/env", "-0"], { env, envPolicy });
  const text = textOf((await collect(await client.start(params))).stdout);
  return Object.fromEntries(
    text.split("\0").slice(0, -1).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

Deno.test("without a policy a child gets exactly the variables of the request", async () => {
  assert.deepEqual(await seen({}), {});
  const env = { A: "", B: "1=2", "C D": "\n", é: "€😀", constructor: "x", _: "y" };
  assert.deepEqual(await seen(env), env);
});

Deno.test("with inherit all a child gets the server's variables but for its credentials", async () => {
  const { NODE_REPL_AUTH_TOKEN: _, ...rest } = own;
  const inherited = await seen({ X: "1" }, {});
  for (const [name, value] of Object.entries(rest)) assert.equal(inherited[name], value, name);
  assert.equal(inherited.X, "1");
  assert.equal("NODE_REPL_AUTH_TOKEN" in inherited, false);
});

Deno.test("with inherit core a child gets the core variables", async () => {
  assert.deepEqual(await seen({}, { inherit: "core" }), { PATH: own.PATH, HOME: "/root", LANG: "C" });
});

Deno.test("with inherit none a child gets what is set and what the request names, which wins", async () => {
  assert.deepEqual(await seen({ B: "env" }, { inherit: "none", set: { A: "set", B: "set" } }), {
    A: "set",
    B: "env",
  });
});

Deno.test("excludes and includeOnly choose among the server's variables", async () => {
  const kept = await seen({}, { exclude: ["p?ain", "LANG"], includeOnly: ["P*", "L*", "H*", "MY*"] });
  assert.deepEqual(Object.keys(kept).sort(), ["HOME", "MY_API_KEY", "PATH"].sort());
  const safe = await seen({}, { ignoreDefaultExcludes: false, includeOnly: ["M*"] });
  assert.deepEqual(safe, { MULTI: own.MULTI });
});

Deno.test("a policy that lacks a member is refused, and the member named", async () => {
  const envPolicy = {
    inherit: "all",
    ignoreDefaultExcludes: true,
    exclude: [],
    set: {},
  } as unknown as EnvPolicy;
  await assert.rejects(client.start(startParams("lacking", ["true"], { envPolicy })), {
    code: -32602,
    message: 'missing field "envPolicy.includeOnly"',
  });
});

Deno.test("the user's shell is known by the user database, not by the server's variables", async () => {
  const { shell } = await client.call("environment/info", undefined);
  const { uid } = Deno.statSync("/proc/self");
  const entry = Deno.readTextFileSync("/etc/passwd").split("\n").find((line) =>
    line.split(":")[2] === `${uid}`
  );
  assert.equal(shell.path, entry?.split(":")[6]);
  assert.equal(shell.name, shell.path.split("/").at(-1));
});
