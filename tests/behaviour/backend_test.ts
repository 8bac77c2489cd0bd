/** The suite of behaviours against each backend. */
import { LocalBackend } from "../../src/machine/local/local_backend.ts";
import { RemoteBackend } from "../../src/machine/remote/remote_backend.ts";
import type { ExecBackend } from "../../src/machine/exec_backend.ts";
import { stdioServerConnector } from "../../src/machine/stdio_server.ts";
import { ExecServerClient } from "../../src/client/client.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { fleetConnector } from "../../fleet.ts";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { TestHost } from "../support/fleet.ts";
import { openClient } from "../support/client.ts";
import { refutes, testNamesOf } from "../support/differences.ts";
import { referenceServer } from "../support/reference_server.ts";
import { serverCommand, serverRuntime, startServer } from "../support/server_process.ts";
import { differences, type Target } from "./backend_differences.ts";
import { behaviours } from "./backend_suite.ts";

/** A backend under test, and what must be undone afterwards. */
type Open = () => Promise<{ backend: ExecBackend } & AsyncDisposable>;

const targets: Record<Target, Open> = {
  local: () => {
    const backend = new LocalBackend(host);
    return Promise.resolve({ backend, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() });
  },
  websocket: () => remote({ args: ["--log-level", "off"] }),
  stdio: async () => {
    const argv = [...serverCommand(), "serve", "--listen", "stdio", "--log-level", "off"];
    const client = await ExecServerClient.connect(stdioServerConnector({ argv }, host));
    return {
      backend: new RemoteBackend(client),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  },
  fleet: async () => {
    const stack = new AsyncDisposableStack();
    const broker = stack.use(await TestBroker.start());
    stack.use(await TestHost.start(broker, "host"));
    const client = stack.use(
      await ExecServerClient.connect(fleetConnector({ servers: broker.url }, "host")),
    );
    return { backend: new RemoteBackend(client), [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  codex: () => remote(referenceServer()),
};

async function remote(options: Parameters<typeof startServer>[0]) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(options));
  const client = stack.use(await openClient(server.url));
  return { backend: new RemoteBackend(client), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Those that are the same whatever the command under test runs on, or nearly so, and tried once. */
const withoutCommand: readonly Target[] = ["local", "fleet", "codex"];

for (const [target, open] of Object.entries(targets) as [Target, Open][]) {
  if (withoutCommand.includes(target) && serverRuntime() !== "deno") continue;
  if (target === "fleet" && !hasBroker) continue;
  Deno.test(`a backend: ${target}`, async (t) => {
    await using opened = await open();
    for (const { name, shows } of behaviours) {
      const difference = differences.find((row) => row.target === target && row.behaviour === name);
      await t.step({
        name: difference ? `not here: ${name}` : name,
        ignore: difference?.sometimes === true,
        fn: () => difference ? refutes(() => shows(opened.backend), difference.why) : shows(opened.backend),
      });
    }
  });
}

testNamesOf(differences, behaviours);

Deno.test("the suite has at least 60 behaviours", () => {
  if (behaviours.length < 60) throw new Error(`It has ${behaviours.length}`);
});
