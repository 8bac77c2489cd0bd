import type { Authority, WrittenCredentials } from "../fleet/authority.ts";
import { fleetName } from "../fleet/labels.ts";
import { defineCommand, type FlagValues } from "./command.ts";
import { asUsage } from "./fleet_flags.ts";
import { print } from "./print.ts";
import { UsageError } from "./usage_error.ts";

const flags = {
  "dir": {
    value: "DIR",
    complete: "directories",
    help: "The folder of the fleet's keys, which nobody else can read; ./fleet by default",
  },
  "tenant": {
    value: "NAME",
    help: 'The tenant: those of one see nothing of another; "main" by default, made by init and add-tenant',
  },
  "group": { value: "NAME", help: 'The group of a host; "default" by default' },
  "host": {
    value: "GROUP/NAME",
    repeat: true,
    help: "A host that a client may reach, with * for any group or name; every host by default",
  },
  "admin": { help: "Let a client drain hosts, too" },
} as const;

type FleetFlags = FlagValues<typeof flags>;

const actions: Readonly<Record<string, (flags: FleetFlags, name: string | undefined) => Promise<string>>> = {
  init: async ({ dir = "fleet", tenant = "main" }) => {
    const { Authority } = await import("../fleet/authority.ts");
    const authority = await Authority.create(dir, nameOf("--tenant", tenant));
    return `${authority.brokerConfiguration} is what nats-server includes; keep the folder, its keys are the fleet's\n`;
  },
  "add-tenant": async (flags, name) => {
    const authority = await open(flags);
    await authority.addTenant(nameOf("A tenant", needed("add-tenant", name)));
    return `${authority.brokerConfiguration} has changed: let nats-server read it again\n`;
  },
  "add-host": async (flags, name) => {
    const { tenant = "main", group = "default" } = flags;
    const host = nameOf("A host", needed("add-host", name));
    return told(await (await open(flags)).addHost(tenant, nameOf("--group", group), host));
  },
  "add-client": async (flags, name) => {
    const { tenant = "main", host: hosts, admin } = flags;
    const client = nameOf("A client", needed("add-client", name));
    const reached = hosts.length === 0 ? ["*/*"] : hosts.map(hostPattern);
    return told(await (await open(flags)).addClient(tenant, client, reached, admin));
  },
};

/** `exec-server fleet` */
export const fleet = defineCommand({
  name: "fleet",
  summary: "Say who is in a fleet: keys, credentials, and the broker's configuration",
  operands: `${Object.keys(actions).join("|")} [NAME]`,
  complete: Object.keys(actions),
  description:
    `init makes the keys of a fleet and nats-server.conf, which a broker's own configuration includes. add-host and \
add-client write the credentials of one host or client, for its --fleet-creds: the broker lets a host be that host and no \
other, and lets nobody read what is for somebody else. add-tenant makes another fleet on the same broker.`,
  examples: [
    "init",
    "--group lab add-host gpu1",
    "--host 'lab/*' add-client alice",
    "--dir keys --admin add-client operator",
  ],
  flags,
  async run({ flags, rest: [action, name, surplus] }, host) {
    if (surplus !== undefined) throw new UsageError(`"fleet" takes one name, not also "${surplus}"`);
    const act = Object.hasOwn(actions, action ?? "") ? actions[action!] : undefined;
    if (!act) throw new UsageError(`"fleet" takes ${Object.keys(actions).join(", ")} behind its flags`);
    return await print(host, await act(flags, name));
  },
});

async function open({ dir = "fleet" }: FleetFlags): Promise<Authority> {
  const { Authority } = await import("../fleet/authority.ts");
  return await Authority.open(dir);
}

function told({ path, rights }: WrittenCredentials): string {
  const lines = [
    path,
    ...rights.publish.map((subject) => `  may send to    ${subject}`),
    ...rights.subscribe.map((subject) => `  may listen to  ${subject}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function nameOf(what: string, text: string): string {
  return asUsage(() => fleetName(what, text));
}

function needed(action: string, name: string | undefined): string {
  if (name === undefined) throw new UsageError(`"fleet ${action}" needs a name`);
  return name;
}

function hostPattern(text: string): string {
  if (/^(\*|[\w-]+)\/(\*|[\w-]+)$/.test(text)) return text;
  throw new UsageError(`--host takes GROUP/NAME, each of which may be *, not "${text}"`);
}
