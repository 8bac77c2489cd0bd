import { deepStrictEqual as same, ok, strictEqual as is } from "node:assert/strict";
import type { ExecBackend } from "../../../src/machine/exec_backend.ts";
import type { EnvPolicy } from "../../../src/protocol/schemas/process.ts";
import { McpSession, type McpSessionOptions } from "../../support/mcp_session.ts";
import type { Behaviours } from "../backend_suite.ts";

/** A variable that the backend's own environment has. */
export const machineVariable = { name: "EXEC_TEST_PLACE", value: "the machine" } as const;

const all: EnvPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: false,
  exclude: [],
  set: {},
  includeOnly: [],
};

/** What a server finds in its environment. */
async function environmentOf(
  backend: ExecBackend,
  command: McpSessionOptions["command"],
): Promise<Record<string, string>> {
  await using session = await McpSession.open(backend, "everything", { command: command ?? {} });
  return JSON.parse(await session.call("get-env"));
}

/** What a server gets of its machine. */
export const environmentBehaviours: Behaviours = {
  "a server gets the core of its machine's environment, and what it is given": async (backend) => {
    const env = await environmentOf(backend, { env: { GIVEN: "a=b ä" } });
    ok(env.PATH);
    same([env.GIVEN, env[machineVariable.name]], ["a=b ä", undefined]);
  },
  "a policy decides what a server gets": async (backend) => {
    const env = await environmentOf(backend, { envPolicy: { ...all, set: { SET: "1" } } });
    same([env.SET, env[machineVariable.name]], ["1", machineVariable.value]);
    const less = await environmentOf(backend, { envPolicy: { ...all, exclude: ["EXEC_TEST_*"] } });
    is(less[machineVariable.name], undefined);
  },
  "without a policy a server gets exactly what it is given": async (backend) => {
    const { MCP_MARK, ...rest } = await environmentOf(backend, { envPolicy: null, env: { GIVEN: "1" } });
    ok(MCP_MARK);
    same(rest, { GIVEN: "1" });
  },
  "a server runs where it is told to": async (backend) => {
    await using session = await McpSession.open(backend, "awkward", { command: { cwd: "/" } });
    is(await session.call("where"), "/");
  },
};
