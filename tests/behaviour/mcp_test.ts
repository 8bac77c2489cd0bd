/** Real MCP servers through each backend. */
import { LocalBackend } from "../../src/backend/local_backend.ts";
import { RemoteBackend } from "../../src/backend/remote_backend.ts";
import type { ExecBackend } from "../../src/backend/exec_backend.ts";
import { runtime } from "../../src/runtime/deno/runtime.ts";
import { openClient } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import type { Behaviours } from "./backend_suite.ts";
import { awkwardServerBehaviours } from "./mcp/awkward_servers.ts";
import { environmentBehaviours, machineVariable } from "./mcp/environment.ts";
import { realServerBehaviours } from "./mcp/real_servers.ts";

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
