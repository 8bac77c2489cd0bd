/** Who may do what in a fleet, held by a real broker with what `exec-server fleet` wrote. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { join } from "node:path";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { type CommandOutcome, runCommand } from "../support/command.ts";
import { TestHost } from "../support/fleet.ts";

const ignore = !hasBroker;
let folder: string;
let broker: TestBroker;
let hosts: TestHost[] = [];

const fleet = (...args: string[]): Promise<CommandOutcome> => runCommand(["fleet", "--dir", folder, ...args]);
const creds = (file: string): string => join(folder, `${file}.creds`);
const as = (file: string, ...args: string[]): Promise<CommandOutcome> =>
  runCommand([args[0]!, "--fleet-creds", creds(file), ...args.slice(1)], {
    env: { EXEC_SERVER_FLEET: broker.url },
  });

Deno.test.beforeAll(async () => {
  if (ignore) return;
  folder = join(await Deno.makeTempDir(), "fleet");
  is((await fleet("init")).code, 0);
  for (
    const args of [
      ["add-tenant", "other"],
      ["add-host", "web"],
      ["--group", "lab", "add-host", "gpu"],
      ["--tenant", "other", "add-host", "web2"],
      ["--host", "default/web", "add-client", "alice"],
      ["--admin", "add-client", "root"],
      ["--tenant", "other", "add-client", "bob"],
    ]
  ) {
    const { code, stderr } = await fleet(...args);
    is(code, 0, stderr);
  }
  broker = await TestBroker.start(await Deno.readTextFile(join(folder, "nats-server.conf")));
  const start = (file: string) => TestHost.join(broker, "--fleet-creds", creds(file));
  hosts = await Promise.all([start("host-default-web"), start("host-lab-gpu"), start("host-default-web2")]);
});

Deno.test.afterAll(async () => {
  for (const part of [...hosts, broker]) await part?.[Symbol.asyncDispose]();
  if (folder !== undefined) await Deno.remove(join(folder, ".."), { recursive: true });
});

Deno.test({ name: "nothing of a fleet's keys can be read by others", ignore }, () => {
  const modes = [...Deno.readDirSync(folder)].map(({ name }) => [
    name,
    Deno.statSync(join(folder, name)).mode! & 0o077,
  ]);
  ok(modes.length >= 8);
  same(modes.filter(([, others]) => others !== 0), []);
  is(Deno.statSync(folder).mode! & 0o077, 0);
  // Whole secret keys: three letters of theirs may stand in any public one.
  const secrets = (name: string) =>
    Deno.readTextFileSync(join(folder, name)).match(/\bS[AOU][A-Z2-7]{56}\b/g) ?? [];
  same(secrets("nats-server.conf"), []);
  ok(modes.flatMap(([name]) => secrets(String(name))).length > 0);
});

Deno.test({ name: "keys are not made over, and credentials neither", ignore }, async () => {
  match((await fleet("init")).stderr, /holds a fleet's keys already/);
  match((await fleet("add-host", "web")).stderr, /is there already/);
  match(
    (await fleet("--tenant", "nobody", "add-host", "x")).stderr,
    /No tenant is "nobody"; there are main, other/,
  );
  match((await runCommand(["fleet", "--dir", "/nowhere", "add-host", "x"])).stderr, /exec-server fleet init/);
  for (
    const args of [[], ["remove"], ["add-host"], ["add-host", "a.b"], ["--host", "web", "add-client", "x"]]
  ) {
    is((await fleet(...args)).code, 2, args.join(" "));
  }
});

Deno.test(
  { name: "a host is called what its credentials say, and found by its own tenant only", ignore },
  async () => {
    const names = async (file: string) =>
      (await as(file, "hosts", "--json")).text.trim().split("\n").filter(Boolean).map((line) =>
        JSON.parse(line).name
      );
    same(await names("client-root"), ["web", "gpu"]);
    same(await names("client-bob"), ["web2"]);
  },
);

Deno.test({ name: "a client reaches the hosts that it may, and no other", ignore }, async () => {
  const run = (file: string, on: string) => as(file, "run", "--on", on, "--", "true");
  is((await run("client-alice", "web")).code, 0);
  is((await run("client-root", "gpu")).code, 0);
  is((await run("client-bob", "web2")).code, 0);
  for (
    const [file, on] of [["client-alice", "lab/gpu"], ["client-bob", "default/web"], ["client-root", "web2"]]
  ) {
    is((await run(file!, on!)).code, 125, `${file} on ${on}`);
  }
});

Deno.test({ name: "a host cannot be another one, nor a client a host", ignore }, async () => {
  for (const file of ["host-lab-gpu", "client-root"]) {
    const args = ["serve", "--fleet", broker.url, "--fleet-creds", creds(file), "--fleet-name", "impostor"];
    const { code, stderr } = await runCommand(args);
    is(code, 125, file);
    match(stderr, /does not let this be the host/);
  }
});

Deno.test({ name: "who has no credentials is told so", ignore }, async () => {
  const { code, stderr } = await runCommand(["hosts", "--fleet", broker.url]);
  is(code, 125);
  match(stderr, /--fleet-creds FILE/);
});

Deno.test({ name: "only who may drains a host", ignore }, async () => {
  is((await as("client-alice", "drain", "web")).code, 125);
  is((await as("client-root", "drain", "web")).code, 0);
  is(await hosts[0]!.ended(), 0);
});
