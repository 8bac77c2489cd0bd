/** The suite of behaviours against each machine. */
import { deadline } from "@std/async/deadline";
import { fileURLToPath } from "node:url";
import { bun } from "../../scripts/places.ts";
import { Environment } from "../../src/machine/environment.ts";
import { host } from "../../src/runtime/deno/program.ts";
import { Fleet } from "../../fleet.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { TestHost } from "../support/fleet.ts";
import { refutes, testNamesOf } from "../support/differences.ts";
import { HttpPeer } from "../support/http_peer.ts";
import { referenceServer } from "../support/reference_server.ts";
import { serverCommand, serverRuntime, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { differences, type Target } from "./machine_differences.ts";
import { machineSuite } from "./machine_suite.ts";

/** A machine under test, and what must be undone afterwards. */
type Open = () => Promise<{ machine: Machine } & AsyncDisposable>;

const targets: Record<Target, Open> = {
  local: async () => alone(await Environment.create(undefined, { host })),
  websocket: () => remote({ args: ["--log-level", "off"] }),
  unix: async () => {
    const folder = new TempFolder();
    const listen = `unix:${folder.path}/socket`;
    const { machine, [Symbol.asyncDispose]: end } = await remote({
      command: [...serverCommand(), "serve", "--listen", listen, "--log-level", "off"],
    });
    return {
      machine,
      [Symbol.asyncDispose]: async () => {
        await end();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
  stdio: async () => {
    const argv = [...serverCommand(), "serve", "--listen", "stdio", "--log-level", "off"];
    return alone(await Environment.create({ argv }, { host }));
  },
  fleet: async () => {
    const stack = new AsyncDisposableStack();
    const broker = stack.use(await TestBroker.start());
    stack.use(await TestHost.start(broker, "host"));
    const fleet = stack.use(await Fleet.open({ servers: broker.url }));
    const machine = stack.use(await fleet.connect("default/host"));
    return { machine, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  },
  // One at a time, its default, a request whose answer is slow would hold up every call after it.
  codex: () => remote(referenceServer(["--concurrent-requests", "8"])),
};

function alone(machine: Environment) {
  return { machine, [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose]() };
}

async function remote(options: Parameters<typeof startServer>[0]) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(options));
  const machine = stack.use(await Environment.create(server.url, { host }));
  return { machine, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Milliseconds after which a behaviour counts as not shown, so that one that hangs does not take the rest along. */
const stepMs = 20_000;
/** What moves more than half a gigabyte, which a broker takes long for and which shows nothing more there. */
const tooLongInFleet = "a stream that is left closes its file";

/** Those that are the same whatever the command under test runs on, or nearly so, and tried once. */
const withoutCommand: readonly Target[] = ["local", "fleet", "codex"];

for (const [target, open] of Object.entries(targets) as [Target, Open][]) {
  if (withoutCommand.includes(target) && serverRuntime() !== "deno") continue;
  if (target === "fleet" && !hasBroker) continue;
  Deno.test(`a machine: ${target}`, async (t) => {
    await using peer = await HttpPeer.start();
    await using opened = await open();
    for (const { name, shows } of machineSuite) {
      if (target === "fleet" && name === tooLongInFleet) continue;
      const difference = differences.find((row) => row.target === target && row.behaviour === name);
      await t.step(difference ? `not here: ${name}` : name, async () => {
        await using folder = new TempFolder();
        const scene = { machine: opened.machine, folder: folder.path, peer };
        const show = () => deadline(shows(scene), stepMs);
        await (difference ? refutes(show, difference.why) : show());
      });
    }
  });
}

for (const where of ["its own machine", "a server"]) {
  if (where !== "a server" && serverRuntime() !== "deno") continue;
  Deno.test(`a program on Bun has the same of ${where}`, async () => {
    const script = fileURLToPath(new URL("run_machine_suite.ts", import.meta.url));
    await using server = where === "a server"
      ? await startServer({ args: ["--log-level", "off"] })
      : undefined;
    const args = ["run", script, ...server ? [server.url] : []];
    const { success, stdout } = await new Deno.Command(bun, { args, stderr: "inherit" }).output();
    if (!success) throw new Error(new TextDecoder().decode(stdout));
  });
}

testNamesOf(differences, machineSuite);
