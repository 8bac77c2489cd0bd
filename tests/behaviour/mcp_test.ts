/** Real MCP servers through each backend. */
import { deepStrictEqual as same } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { LocalBackend } from "../../src/backend/local_backend.ts";
import { RemoteBackend } from "../../src/backend/remote_backend.ts";
import type { ExecBackend } from "../../src/backend/exec_backend.ts";
import { runtime } from "../../src/runtime/deno/runtime.ts";
import { openClient, textOf } from "../support/client.ts";
import { mcpServers, node } from "../support/mcp_session.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import type { Behaviours } from "./backend_suite.ts";
import { awkwardServerBehaviours } from "./mcp/awkward_servers.ts";
import { environmentBehaviours, machineVariable } from "./mcp/environment.ts";
import { realServerBehaviours } from "./mcp/real_servers.ts";

const program = fileURLToPath(new URL("mcp/client_program.ts", import.meta.url));
const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));

const behaviours: Behaviours = {
  ...realServerBehaviours,
  ...awkwardServerBehaviours,
  ...environmentBehaviours,
};

const targets: Record<string, () => Promise<{ backend: ExecBackend } & AsyncDisposable>> = {
  local: () => {
    Deno.env.set(machineVariable.name, machineVariable.value);
    const backend = new LocalBackend(runtime.spawner);
    Deno.env.delete(machineVariable.name);
    return Promise.resolve({ backend, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() });
  },
  websocket: async () => {
    const stack = new AsyncDisposableStack();
    const env = { ...Deno.env.toObject(), [machineVariable.name]: machineVariable.value };
    const server = stack.use(await startServer({ args: ["--log-level", "off"], env }));
    const client = stack.use(await openClient(server.url));
    return { backend: new RemoteBackend(client), [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
};

for (const [target, open] of Object.entries(targets)) {
  Deno.test(`MCP servers through a backend: ${target}`, async (t) => {
    await using opened = await open();
    for (const [name, shows] of Object.entries(behaviours)) {
      await t.step(name, () => shows(opened.backend));
    }
  });
}

/** The client's program for each runtime it may run on. */
const runtimes: Record<string, (folder: string) => Promise<string[]> | string[]> = {
  Bun: () => [bun, program],
  Node: async (folder) => {
    const bundle = `${folder}/client_program.mjs`;
    const args = ["build", program, "--target=node", `--outfile=${bundle}`];
    const { success, stderr } = await new Deno.Command(bun, { args }).output();
    if (!success) throw new Error(textOf(stderr));
    return [node, bundle];
  },
};

for (const [name, command] of Object.entries(runtimes)) {
  Deno.test(`a client on ${name} uses an MCP server of another machine`, async () => {
    await using folder = new TempFolder();
    await using server = await startServer({ args: ["--log-level", "off"] });
    const [runner, ...args] = await command(folder.path);
    const { stdout, stderr } = await new Deno.Command(runner!, {
      args: [...args, server.url, node, mcpServers.everything],
    }).output();
    same([textOf(stderr), JSON.parse(textOf(stdout) || "null")], [
      "",
      { isEcho: true, stderr: "Starting default (STDIO) server...\n", errors: [] },
    ]);
  });
}
