import { codexHost } from "../codex/codex_host.ts";
import { readNamedEnvironments } from "../codex/named_environments.ts";
import type { Broker } from "../fleet/broker.ts";
import type { MachineChoice } from "../mcp/tools/tool_machine.ts";
import type { MachineChoices } from "../mcp/tools/tool_machines.ts";
import { OperationError } from "../native/operation_error.ts";
import { sshMachine } from "../transport/ssh_url.ts";
import { chosenFleet } from "./fleet_flags.ts";
import type { ProgramHost } from "./program_host.ts";
import { serverAtUrl, type ServerChoice } from "./server_flags.ts";
import { namedServer, openTarget, type Target } from "./target.ts";
import { UsageError } from "./usage_error.ts";

/** What the flags say of machines. */
export interface McpChoice extends ServerChoice {
  readonly also: readonly string[];
  readonly cwd: string | undefined;
}

/**
 * The machines that tools may name.
 *
 * @throws {UsageError} for what means nothing, and for names that are not there
 */
export async function mcpMachines(
  choice: McpChoice,
  host: ProgramHost,
): Promise<MachineChoices & AsyncDisposable> {
  if (choice.fleet !== undefined && choice.on === undefined) return fleetMachines(choice);
  const atUrl = serverAtUrl(choice);
  const named = atUrl ? "" : choice.environment;
  if (named === undefined) {
    if (choice.also.length > 0) {
      throw new UsageError("--also adds to a server that is named: without one, every machine may be named");
    }
    return fixed(await everyMachine(choice, host));
  }
  const first = atUrl
    ? machineOf(nameOf(atUrl), atUrl, host)
    : machineOf(named, await namedServer({ ...choice, environment: named }, host), host);
  const others = await Promise.all(
    choice.also.map(async (name) => machineOf(name, await namedServer({ environment: name }, host), host)),
  );
  const machines = [{ ...first, directory: choice.cwd }, ...others];
  const twice = machines.find(({ name }, index) =>
    machines.findIndex((other) => other.name === name) < index
  );
  if (twice) throw new UsageError(`"${twice.name}" is named twice`);
  return fixed({ defaultName: first.name, machines });
}

interface Fixed {
  readonly defaultName: string | undefined;
  readonly machines: readonly MachineChoice[];
}

function fixed({ defaultName, machines }: Fixed): MachineChoices & AsyncDisposable {
  return {
    defaultName,
    list: () => Promise.resolve(machines),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** This machine and those of the user's file. */
async function everyMachine(choice: McpChoice, host: ProgramHost): Promise<Fixed> {
  const { defaultId, names } = await knownNames(host);
  const machines = await Promise.all(names.map(async (name) => ({
    ...machineOf(name, await namedServer({ ...choice, environment: name }, host), host),
    directory: name === defaultId ? choice.cwd : undefined,
  })));
  return { defaultName: defaultId, machines };
}

/** Who has no home has no file there. */
async function knownNames(host: ProgramHost) {
  try {
    const { defaultId, environments, includeLocal } = await readNamedEnvironments(codexHost(host));
    return { defaultId, names: [...includeLocal ? ["local"] : [], ...environments.map(({ id }) => id)] };
  } catch (error) {
    if (error instanceof OperationError) return { defaultId: "local", names: ["local"] };
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function machineOf(name: string, target: Target, host: ProgramHost): MachineChoice {
  return {
    name,
    about: aboutOf(target),
    endsWithConnection: target === "local" || "server" in target && "argv" in target.server ||
      "url" in target && sshMachine(target.url) !== undefined,
    open: () => openTarget(target, host),
  };
}

function aboutOf(target: Target): string {
  if (target === "local") return "this machine";
  if ("on" in target) return `the host ${target.on} of a fleet`;
  if ("url" in target) return withoutCredentials(target.url);
  return "url" in target.server ? withoutCredentials(target.server.url) : target.server.argv.join(" ");
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//").replace(/\?.*/, "");
}

function nameOf(target: Exclude<Target, "local">): string {
  if ("on" in target) return target.on;
  const host = "url" in target && URL.canParse(target.url) ? new URL(target.url).hostname : "";
  return host || "server";
}

/** Every host of a fleet that is there. */
function fleetMachines(choice: McpChoice): MachineChoices & AsyncDisposable {
  const fleet = chosenFleet(choice);
  let broker: Promise<Broker> | undefined;
  return {
    defaultName: undefined,
    async list() {
      const [{ Broker }, { discoverHosts, hostText }] = await Promise.all([
        import("../fleet/broker.ts"),
        import("../fleet/hosts.ts"),
      ]);
      broker ??= Broker.connect(fleet, "exec-server mcp");
      broker.catch(() => broker = undefined);
      const hosts = await discoverHosts(await broker);
      return hosts.map((found) => {
        const on = hostText(found);
        return {
          name: on,
          about: `a host of the fleet, ${found.state}`,
          endsWithConnection: false,
          directory: choice.cwd,
          open: async () => {
            const { openHost } = await import("./fleet_target.ts");
            return await openHost({ fleet, on, token: undefined });
          },
        };
      });
    },
    async [Symbol.asyncDispose]() {
      await (await broker?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}
