/** Real MCP servers through each backend. */
import { deepStrictEqual as same } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { LocalBackend } from "../../src/machine/local/local_backend.ts";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import type { ExecBackend } from "../../src/machine/exec_backend.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { openClient, textOf } from "../support/client.ts";
import { mcpServers, node } from "../support/mcp_session.ts";
import { referenceServer } from "../support/reference_server.ts";
import { type ServerOptions, serverRuntime, startServer } from "../support/server_process.ts";
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

/** A backend under test. */
interface Target {
  readonly open: () => Promise<{ backend: ExecBackend } & AsyncDisposable>;
  /** It is not the command under test, so that one runtime's run is enough. */
  readonly once?: true;
  /** Behaviours that are not its own, with the reason. */
  readonly lacks?: Readonly<Record<string, string>>;
}

const targets: Record<string, Target> = {
  local: {
    once: true,
    open: () => {
      Deno.env.set(machineVariable.name, machineVariable.value);
      const backend = new LocalBackend(host);
      Deno.env.delete(machineVariable.name);
      return Promise.resolve({ backend, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() });
    },
  },
  websocket: { open: () => remote({ args: ["--log-level", "off"] }) },
  codex: {
    once: true,
    open: () => remote(referenceServer()),
    lacks: {
      "a server that does not read holds its sender up, and nothing is lost or swapped":
        "it takes any number of bytes for a process that does not read",
      "children do not outlive a server that crashes, and hold nobody up":
        "it does not end the children of a process that has exited",
    },
  },
};

async function remote({ env, ...options }: ServerOptions) {
  const stack = new AsyncDisposableStack();
  const complete = { ...Deno.env.toObject(), ...env, [machineVariable.name]: machineVariable.value };
  const server = stack.use(await startServer({ ...options, env: complete }));
  const client = stack.use(await openClient(server.url));
  return { backend: new RemoteBackend(client), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const [name, { open, once, lacks = {} }] of Object.entries(targets)) {
  Deno.test({
    name: `MCP servers through a backend: ${name}`,
    ignore: once === true && serverRuntime() !== "deno",
    fn: async (t) => {
      await using opened = await open();
      for (const [sentence, shows] of Object.entries(behaviours)) {
        await t.step({
          name: sentence,
          ignore: Object.hasOwn(lacks, sentence),
          fn: () => shows(opened.backend),
        });
      }
    },
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
