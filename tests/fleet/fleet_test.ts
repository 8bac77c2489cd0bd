/** Fleets from a program, with a real broker. */
import { deepStrictEqual as same, rejects, strictEqual as is } from "node:assert/strict";
import { ExecServerClient, RemoteBackend } from "../../mod.ts";
import { Fleet, fleetConnector, FleetError } from "../../fleet.ts";
import { ConnectionError } from "../../src/transport/transport.ts";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { TestHost } from "../support/fleet.ts";

const ignore = !hasBroker;
let broker: TestBroker;
let hosts: TestHost[] = [];

Deno.test.beforeAll(async () => {
  if (ignore) return;
  broker = await TestBroker.start();
  hosts = await Promise.all([
    TestHost.start(broker, "web", "--label", "zone=eu"),
    TestHost.start(broker, "gpu", "--label", "gpu", "--fleet-group", "lab"),
  ]);
});

Deno.test.afterAll(async () => {
  for (const part of [...hosts, broker]) await part?.[Symbol.asyncDispose]();
});

Deno.test({ name: "hosts are told, of all or of some", ignore }, async () => {
  await using fleet = await Fleet.open({ servers: [broker.url] });
  same((await fleet.hosts()).map(({ name }) => name), ["web", "gpu"]);
  const [gpu, ...others] = await fleet.hosts({ labels: ["gpu"] });
  same([gpu!.group, gpu!.state, gpu!.labels, others], ["lab", "ready", { gpu: "" }, []]);
  same((await fleet.hosts({ group: "default" })).map(({ name }) => name), ["web"]);
});

Deno.test({ name: "machines of several hosts are worked on at once", ignore }, async () => {
  await using fleet = await Fleet.open({ servers: broker.url });
  const run = async (host: string) => {
    await using machine = await fleet.connect(host);
    return (await machine.run("ps -o args= $PPID | grep -o 'fleet-name [a-z]*'")).stdout;
  };
  same(await Promise.all(["lab/gpu", "web", "zone=eu"].map(run)), [
    ...["fleet-name gpu\n", "fleet-name web\n", "fleet-name web\n"],
  ]);
  await rejects(() => fleet.connect("nobody"), FleetError);
  await rejects(() => fleet.connect("default/nobody"), ConnectionError);
});

Deno.test(
  { name: "a connector of its own gets back to its session when the broker does", ignore },
  async () => {
    await using own = await TestBroker.start();
    await using _host = await TestHost.start(own, "web");
    await using client = await ExecServerClient.connect(fleetConnector({ servers: own.url }, "web"));
    const process = await new RemoteBackend(client).start({
      argv: ["sh", "-c", "echo up; read x; echo $x"],
      pipeStdin: true,
    });
    await own.kill();
    await own.start();
    await process.write(new TextEncoder().encode("still there\n"));
    let text = "";
    for await (const event of process.events()) {
      if (event.kind === "output") text += new TextDecoder().decode(event.bytes);
    }
    is(text, "up\nstill there\n");
  },
);

Deno.test("what is no broker is told before anything is connected", async () => {
  await rejects(() => Fleet.open({ servers: "http://x" }), TypeError);
  await rejects(() => Fleet.open({ servers: [] }), TypeError);
  await rejects(() => Fleet.open({ servers: "nats://127.0.0.1:1" }), ConnectionError);
});
