/** Hosts that are reached through a broker, as people use them, with a real one. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { type CommandOutcome, gone, runCommand, RunningCommand, runScript } from "../support/command.ts";
import { delay } from "@std/async/delay";
import { TestHost } from "../support/fleet.ts";
import { TempFolder } from "../support/temp_folder.ts";

let broker: TestBroker;
let web: TestHost;
let gpu: TestHost;
let env: Record<string, string>;

const ignore = !hasBroker;

Deno.test.beforeAll(async () => {
  if (ignore) return;
  broker = await TestBroker.start();
  env = { EXEC_SERVER_FLEET: broker.url };
  [web, gpu] = await Promise.all([
    TestHost.start(broker, "web", "--label", "zone=eu"),
    TestHost.start(broker, "gpu", "--label", "gpu", "--label", "zone=us", "--fleet-group", "lab"),
  ]);
});

Deno.test.afterAll(async () => {
  for (const part of [web, gpu, broker]) await part?.[Symbol.asyncDispose]();
});

const command = (...args: string[]): Promise<CommandOutcome> => runCommand(args, { env });

Deno.test({ name: "hosts are listed with what they are, by label and group too", ignore }, async () => {
  const { text, code } = await command("hosts");
  is(code, 0);
  match(text, /^NAME +GROUP +STATE +LABELS +OS\/ARCH +VERSION +PROCS +LOAD\n/);
  match(text, /\nweb +default +ready +zone=eu +linux\/\w+ +\S+ +0 +\d/);
  const all = (await command("hosts", "--json")).text.trim().split("\n").map((line) => JSON.parse(line));
  same(all.map(({ group, name }) => `${group}/${name}`), ["default/web", "lab/gpu"]);
  match((await command("hosts", "--label", "gpu")).text, /^NAME[^\n]*\ngpu[^\n]*\n$/);
  match((await command("hosts", "--label", "zone=mars")).text, /^NAME[^\n]*\n$/);
  match((await command("hosts", "--group", "lab")).text, /^NAME[^\n]*\ngpu[^\n]*\n$/);
});

Deno.test({ name: "a command runs on the host that its name or its labels choose", ignore }, async () => {
  for (const on of ["gpu", "lab/gpu", "zone=us", "gpu,zone=us"]) {
    const { text, code, stderr } = await command(
      ...["run", "--on", on, "--", "sh", "-c", "ps -o args= $PPID; exit 3"],
    );
    is(code, 3, stderr);
    match(text, /--fleet-name gpu/, on);
  }
});

Deno.test({ name: "who is not there is told with those who are", ignore }, async () => {
  const { code, stderr } = await command("run", "--on", "nobody", "--", "true");
  is(code, 125);
  match(stderr, /No host is "nobody".*default\/web \(zone=eu\); lab\/gpu \(gpu,zone=us\)/);
  const absent = await command("run", "--on", "default/nobody", "--", "true");
  is(absent.code, 125);
  match(absent.stderr, /The host default\/nobody is not there/);
});

Deno.test({ name: "processes of a host are left, listed, read and ended like any", ignore }, async () => {
  is(
    (await command("run", "--on", "web", "-d", "--name", "job", "--", "sh", "-c", "echo up; exec sleep 1000"))
      .text,
    "job\n",
  );
  await using logs = new RunningCommand(["logs", "--on", "web", "-f", "job"], { env });
  await logs.until(/up/);
  match((await command("ps", "--on", "web")).text, /job +running/);
  await using attached = new RunningCommand(["attach", "--on", "web", "--read-only", "job"], { env });
  await attached.until(/up/);
  await using waited = new RunningCommand(["wait", "--on", "web", "job"], { env });
  is((await command("kill", "--on", "web", "-s", "KILL", "job")).code, 0);
  for (const other of [attached, waited]) is((await other.ended()).code, 137);
});

Deno.test({ name: "a screen of a host is shown", ignore }, async () => {
  const args = ["-d", "-t", "--name", "screen", "--", "sh", "-c", "echo seen; exec sleep 1000"];
  is((await command("run", "--on", "web", ...args)).code, 0);
  await using logs = new RunningCommand(["logs", "--on", "web", "-f", "screen"], { env });
  await logs.until(/seen/);
  match((await command("screen", "--on", "web", "screen")).text, /^seen/);
  is((await command("kill", "--on", "web", "screen")).code, 0);
});

Deno.test({ name: "bytes go both ways unchanged, more than any window holds", ignore }, async () => {
  const input = new Uint8Array(20_000_000);
  for (let i = 0; i < input.length; i += 65_536) crypto.getRandomValues(input.subarray(i, i + 65_536));
  const { stdout, code, stderr } = await runCommand(["run", "--on", "web", "--", "cat"], {
    env,
    stdin: input,
  });
  is(code, 0, stderr);
  is(sha256(stdout), sha256(input));
});

Deno.test({ name: "a name that a living host has is refused", ignore }, async () => {
  const { code, stderr, text } = await command("serve", "--fleet", broker.url, "--fleet-name", "web");
  is(code, 125);
  is(text, "");
  match(stderr, /A host named default\/web is in the fleet/);
});

Deno.test({ name: "a host that asks for a token takes nobody without it", ignore }, async () => {
  const token = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(token, "a-token-of-more-than-thirty-two-characters\n");
    const auth = ["--ws-auth", "capability-token", "--ws-token-file", token];
    await using _host = await TestHost.start(broker, "locked", ...auth);
    const without = await command("run", "--on", "locked", "--", "true");
    is(without.code, 125);
    match(without.stderr, /refuses: missing websocket bearer token/);
    is((await command("run", "--on", "locked", "--token-file", token, "--", "true")).code, 0);
  } finally {
    await Deno.remove(token);
  }
});

Deno.test({ name: "who cannot be reached safely, or at all, is told what helps", ignore }, async () => {
  const open = await command("serve", "--fleet", "nats://192.0.2.1:4222");
  is(open.code, 2);
  match(open.stderr, /--fleet-creds/);
  const closed = await command("hosts", "--fleet", "nats://127.0.0.1:1");
  is(closed.code, 125);
  match(closed.stderr, /Cannot connect to the broker at nats:\/\/127.0.0.1:1: /);
  for (
    const [args, said] of [
      [["hosts", "--fleet", "http://x"], /takes nats:\/\/HOST:PORT/],
      [["run", "--fleet", broker.url, "--", "true"], /--fleet needs --on/],
      [["run", "--on", "web", "--url", "ws://127.0.0.1:1", "--", "true"], /choose one/],
      [["serve", "--fleet-name", "x"], /--fleet URL/],
      [["serve", "--fleet", broker.url, "--fleet-name", "a.b"], /--fleet-name takes/],
    ] as const
  ) {
    const { code, stderr } = await command(...args);
    is(code, 2, stderr);
    match(stderr, said);
  }
});

Deno.test({ name: "a broker that takes small messages only is refused by name", ignore }, async () => {
  await using small = await TestBroker.start("max_payload: 32KB\n");
  for (const args of [["serve"], ["hosts"]]) {
    const { code, stderr } = await command(...args, "--fleet", small.url);
    is(code, 125);
    match(stderr, /messages of up to 32768 bytes, and a fleet needs 65536: set max_payload: 1MB/);
  }
});

Deno.test({ name: "output survives a broker that is killed again and again", ignore }, async () => {
  await using own = await TestBroker.start();
  await using _host = await TestHost.start(own, "flood");
  // It goes on for as long as there is input, so that every kill comes in its middle.
  await using running = new RunningCommand(
    ["run", "--on", "flood", "--", "sh", "-c", "echo up; while read x; do seq 1 100000; done"],
    { env: { EXEC_SERVER_FLEET: own.url } },
  );
  await running.until(/up\n/);
  for (let i = 0; i < 3; i++) {
    await running.write("\n");
    await own.kill();
    await own.start();
  }
  await running.closeStdin();
  is((await running.ended()).code, 0, running.text("stderr"));
  is(running.text(), `up\n${hundredThousand.repeat(3)}`);
});

Deno.test({ name: "input survives a broker that is killed in its middle", ignore }, async () => {
  await using own = await TestBroker.start();
  await using _host = await TestHost.start(own, "sink");
  await using running = new RunningCommand(
    ["run", "--on", "sink", "--", "sh", "-c", "echo up; sha256sum"],
    { env: { EXEC_SERVER_FLEET: own.url } },
  );
  await running.until(/up\n/);
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  const whole = createHash("sha256");
  for (let round = 0; round < 2; round++) {
    // More than all windows and pipes on the way hold, so that some of it is under way.
    const writes = Array.from({ length: 100 }, () => {
      whole.update(piece);
      return running.write(piece);
    });
    await own.kill();
    await own.start();
    await Promise.all(writes);
  }
  await running.closeStdin();
  is((await running.ended()).code, 0, running.text("stderr"));
  match(running.text(), new RegExp(`^up\\n${whole.digest("hex")} `));
});

Deno.test(
  { name: "a host that is killed is known to be gone, and its command is told as lost", ignore },
  async () => {
    await using host = await TestHost.start(broker, "victim");
    await using running = new RunningCommand([
      "run",
      "--on",
      "victim",
      "--",
      "sh",
      "-c",
      "echo $$; exec sleep 1000",
    ], {
      env,
    });
    await running.until(/\d+/);
    host.signal("SIGKILL");
    await running.until(/connection lost/i, "stderr");
    running.kill("SIGINT");
    ok((await running.ended()).code !== 0);
  },
);

Deno.test({ name: "who watches sees hosts come, change, die and come back", ignore }, async () => {
  await using own = await TestBroker.start();
  await using watch = new RunningCommand(["hosts", "--watch", "--fleet", own.url]);
  await watch.until(/^NAME/);
  await using first = await TestHost.start(own, "seen");
  await watch.until(/\nseen +default +ready .* 0 +\S+\n/);
  const run = await runCommand(["run", "--on", "seen", "-d", "--fleet", own.url, "--", "sleep", "1000"]);
  is(run.code, 0, run.stderr);
  await watch.until(/\nseen +default +ready .* 1 +\S+\n/);
  first.signal("SIGKILL");
  await watch.until(/\nseen +default +gone /);
  await own.kill();
  await own.start();
  await using second = await TestHost.start(own, "seen");
  await watch.until(/\nseen +default +gone [^]*\nseen +default +ready .* 0 +\S+\n/);
  second.signal("SIGTERM");
  await watch.until(/\nseen +default +gone [^]*\nseen +default +ready [^]*\nseen +default +gone /);
});

Deno.test({ name: "a host that is stopped says goodbye, and its processes are gone", ignore }, async () => {
  await using host = await TestHost.start(broker, "brief");
  await using running = new RunningCommand([
    "run",
    "--on",
    "brief",
    "--",
    "sh",
    "-c",
    "echo $$; exec sleep 1000",
  ], {
    env,
  });
  const [pid] = await running.until(/\d+/);
  host.signal("SIGTERM");
  is(await host.ended(), 0);
  await gone(Number(pid));
  ok(!/brief/.test((await command("hosts")).text));
  running.kill("SIGINT");
  await running.ended();
});

Deno.test({ name: "five clients of one host each get their own", ignore }, async () => {
  const { text, code } = await runScript(
    `for i in 1 2 3 4 5; do "$@" run --on web -- sh -c "seq $i 20000; echo end $i" | tail -1 & done; wait`,
    { env },
  );
  is(code, 0);
  same(text.trim().split("\n").sort(), [1, 2, 3, 4, 5].map((i) => `end ${i}`));
});

Deno.test(
  { name: "a host that drains takes nobody new, and ends when nothing runs any more", ignore },
  async () => {
    await using host = await TestHost.start(broker, "drained");
    await using running = new RunningCommand(
      ["run", "--on", "drained", "--", "sh", "-c", "echo up; read x"],
      { env },
    );
    await running.until(/up/);
    is((await command("drain", "drained")).text, "default/drained draining\n");
    match((await command("hosts")).text, /drained +default +draining/);
    const refused = await command("run", "--on", "default/drained", "--", "true");
    is(refused.code, 125);
    match(refused.stderr, /drains/);
    is((await command("drain", "--undo", "drained")).text, "default/drained ready\n");
    is((await command("run", "--on", "drained", "--", "true")).code, 0);
    await command("drain", "drained");
    await running.write("\n");
    is((await running.ended()).code, 0);
    is(await host.ended(), 0);
  },
);

Deno.test({ name: "a host that drains ends at the deadline, whatever runs", ignore }, async () => {
  await using host = await TestHost.start(broker, "hurried");
  is((await command("run", "--on", "hurried", "-d", "--", "sleep", "1000")).code, 0);
  await command("drain", "--deadline", "10ms", "hurried");
  is(await host.ended(), 0);
});

Deno.test(
  { name: "a gateway gives each host a URL, and passes tokens, floods and pauses on", ignore },
  async () => {
    await using gateway = new RunningCommand(["gateway", "--log-level", "debug"], { env });
    const [url] = await gateway.until(/ws:\/\/\S+/);
    const run = (path: string, ...args: string[]) =>
      runCommand(["run", "--url", `${url}/hosts/${path}`, ...args]);
    match((await run("gpu", "--", "sh", "-c", "ps -o args= $PPID")).text, /--fleet-name gpu/);
    match((await run("default/web", "--", "sh", "-c", "ps -o args= $PPID")).text, /--fleet-name web/);
    const missing = await run("nobody", "--", "true");
    is(missing.code, 125);
    match(missing.stderr, /503/);
    const input = crypto.getRandomValues(new Uint8Array(65_536));
    const long = new Uint8Array(input.length * 200);
    for (let i = 0; i < 200; i++) long.set(input, i * input.length);
    const { stdout } = await runCommand(["run", "--url", `${url}/hosts/web`, "--", "cat"], { stdin: long });
    is(sha256(stdout), sha256(long));
  },
);

Deno.test(
  { name: "a gateway enters its hosts into the user's file, and takes them out", ignore },
  async () => {
    await using folder = new TempFolder();
    const file = join(folder.path, "environments.toml");
    await Deno.writeTextFile(
      file,
      'include_local = true\n\n[[environments]]\nid = "lab-gpu"\nurl = "ws://127.0.0.1:1"',
    );
    const own = await Deno.readTextFile(file);
    const home = { ...env, CODEX_HOME: folder.path };
    await using gateway = new RunningCommand(["gateway", "--write-environments"], { env: home });
    await gateway.until(/ws:\/\/\S+/);
    match(gateway.text("stderr"), /environments left out.*lab-gpu/);
    const run = () => runCommand(["run", "--environment", "brief", "--", "echo", "there"], { env: home });
    const told = async (isThere: boolean) => {
      while (/^id = "brief"$/m.test(await Deno.readTextFile(file)) !== isThere) await delay(20);
    };
    {
      await using _host = await TestHost.start(broker, "brief");
      await told(true);
      is((await run()).text, "there\n");
    }
    await told(false);
    ok((await Deno.readTextFile(file)).startsWith(`${own}\n# Written by exec-server gateway`));
    gateway.kill("SIGTERM");
    is((await gateway.ended()).code, 0);
    is(await Deno.readTextFile(file), `${own}\n`);
    await Deno.writeTextFile(file, "default =");
    const broken = await runCommand(["gateway", "--write-environments"], { env: home });
    is(broken.code, 2);
    match(broken.stderr, /environments.toml:1/);
  },
);

Deno.test({ name: "a command by a gateway survives a broker that is killed", ignore }, async () => {
  await using own = await TestBroker.start();
  await using _host = await TestHost.start(own, "flood");
  await using gateway = new RunningCommand(["gateway"], { env: { EXEC_SERVER_FLEET: own.url } });
  const [url] = await gateway.until(/ws:\/\/\S+/);
  await using running = new RunningCommand(
    [
      "run",
      "--url",
      `${url}/hosts/default/flood`,
      "--",
      "sh",
      "-c",
      "echo up; while read x; do seq 1 100000; done",
    ],
  );
  await running.until(/up\n/);
  for (let i = 0; i < 2; i++) {
    await running.write("\n");
    await own.kill();
    await own.start();
  }
  await running.closeStdin();
  is((await running.ended()).code, 0, running.text("stderr"));
  is(running.text(), `up\n${hundredThousand.repeat(2)}`);
});

const hundredThousand = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join("");

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
