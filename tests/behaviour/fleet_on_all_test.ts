/** One command on many hosts of a fleet, with a real broker. */
import { deepStrictEqual as same, match, ok, strictEqual as is } from "node:assert/strict";
import { hasBroker, TestBroker } from "../support/broker.ts";
import { type CommandOutcome, gone, runCommand, RunningCommand, runScript } from "../support/command.ts";
import { TestHost } from "../support/fleet.ts";

let broker: TestBroker;
let hosts: TestHost[];
let env: Record<string, string>;

const ignore = !hasBroker;

Deno.test.beforeAll(async () => {
  if (ignore) return;
  broker = await TestBroker.start();
  env = { EXEC_SERVER_FLEET: broker.url, EXEC_SERVER_LIMITS: "RECOVERY_MS=1000" };
  hosts = await Promise.all([
    TestHost.start(broker, "a", "--label", "zone=eu"),
    TestHost.start(broker, "long", "--label", "zone=eu", "--label", "gpu"),
    TestHost.start(broker, "a", "--label", "zone=us", "--fleet-group", "lab"),
  ]);
});

Deno.test.afterAll(async () => {
  for (const part of [...hosts ?? [], broker]) await part?.[Symbol.asyncDispose]();
});

const onAll = (labels: string, ...args: string[]): Promise<CommandOutcome> =>
  runCommand(["run", "--on-all", labels, ...args], { env });

const sorted = (text: string): string[] => text.trimEnd().split("\n").sort();

/** What says which host a command runs on. */
const itsName = `name=$(tr '\\0' '\\n' < /proc/$PPID/cmdline | sed -n '/^--fleet-name$/{n;p}')`;

Deno.test({ name: "every host that is meant prints whole lines behind its name", ignore }, async () => {
  const script = `echo out; echo; echo err >&2; printf "no end"`;
  const { text, stderr, code } = await onAll("zone=eu", "--", "sh", "-c", script);
  is(code, 0);
  same(sorted(text), ["a    | ", "a    | no end", "a    | out", "long | ", "long | no end", "long | out"]);
  same(sorted(stderr), ["a    | err", "long | err"]);
});

Deno.test({ name: "hosts of one name are told apart, and chosen by their groups", ignore }, async () => {
  const all = await onAll("*", "--", "echo", "x");
  same(sorted(all.text), ["default/a    | x", "default/long | x", "lab/a        | x"]);
  is((await onAll("lab/*", "--", "echo", "x")).text, "a | x\n");
  is((await onAll("gpu,zone=eu", "-j", "1", "--", "echo", "x")).text, "long | x\n");
});

Deno.test({ name: "the worst status is told, and on which hosts it was what", ignore }, async () => {
  const script = `${itsName}; [ $name = long ] && exit 3 || exit 0`;
  const { code, stderr } = await onAll("*", "--", "sh", "-c", script);
  is(code, 3);
  is(stderr, "exec-server: failed on 1 of 3 hosts\nexec-server:   default/long: status 3\n");
  const missing = await onAll("zone=eu", "--", "/nowhere/at/all");
  is(missing.code, 127);
  match(missing.stderr, /^a {4}\| exec-server: Cannot run "\/nowhere\/at\/all"/m);
  match(missing.stderr, /default\/a, default\/long: Cannot run "\/nowhere\/at\/all"/);
  const late = await onAll("gpu", "--timeout", "10ms", "--", "sleep", "1000");
  is(late.code, 124);
  match(late.stderr, /default\/long: it was ended by --timeout/);
});

Deno.test({ name: "no host that is meant is an error with those that are there", ignore }, async () => {
  const { code, stderr } = await onAll("zone=mars", "--", "true");
  is(code, 125);
  match(stderr, /No host .* "zone=mars"; there are default\/a \(zone=eu\); default\/long /);
});

Deno.test({ name: "what only one command can have is refused", ignore }, async () => {
  const cases: [string[], RegExp][] = [
    [["--on-all", "a b", "--", "true"], /A label is NAME or NAME=VALUE/],
    [["--on-all", "*", "--on", "a", "--", "true"], /--on-all and --on both name a server/],
    [["--on-all", "*", "-t", "--", "true"], /--tty is for one command/],
    [["--on-all", "*", "--record", "x", "--", "true"], /--record is for one command/],
    [["--on-all", "*", "-j", "0", "--", "true"], /--jobs takes a whole number of at least 1/],
    [["-j", "3", "--", "true"], /-j is for --on-all/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await runCommand(["run", ...args], { env });
    is(code, 2, stderr);
    match(stderr, said);
  }
});

Deno.test({ name: "events are told as JSON with the host that they are of", ignore }, async () => {
  const { text, code } = await onAll("zone=eu", "--json", "--", "echo", "x");
  is(code, 0);
  const events = text.trim().split("\n").map((line) => JSON.parse(line));
  for (const name of ["default/a", "default/long"]) {
    same(events.filter(({ host }) => host === name).map(({ event }) => event), [
      ...["started", "output", "exited", "closed"],
    ]);
  }
  const failed = (await onAll("gpu", "--json", "--", "/nowhere")).text;
  match(failed, /^\{"host":"default\/long","event":"failed","message":"Cannot run /);
});

Deno.test({ name: "no more run at once than is said", ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const script = `mkdir ${folder}/one || exit 9; sleep 0.2; rmdir ${folder}/one`;
    is((await onAll("*", "-j", "1", "--", "sh", "-c", script)).code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({ name: "floods of several hosts come whole, whoever reads slowly", ignore }, async () => {
  const script = `"$@" run --on-all '*' -- seq 1 100000 | (sleep 0.5; sort) | md5sum;
    for n in default/a default/long lab/a; do seq 1 100000 | sed "s|^|$(printf %-12s $n) \\| |"; done | sort | md5sum`;
  const [one, other] = (await runScript(script, { env })).text.trim().split("\n");
  is(one, other);
});

Deno.test({ name: "a reader that goes away ends all of them", ignore }, async () => {
  const script = `"$@" run --on-all '*' -- sh -c 'echo $$; exec yes' | head -n 3; echo \${PIPESTATUS[0]}`;
  const { text } = await runScript(script, { env });
  match(text, /\n141\n$/);
  for (const [, pid] of text.matchAll(/\| (\d+)\n/g)) await gone(Number(pid));
});

Deno.test({ name: "processes are left on every host, and found by one name", ignore }, async () => {
  const left = await onAll("zone=eu", "-d", "--name", "job", "--", "sleep", "1000");
  same(sorted(left.text), ["a    | job", "long | job"]);
  for (const on of ["default/a", "default/long"]) {
    is((await runCommand(["kill", "--on", on, "job"], { env })).code, 0);
  }
});

Deno.test({ name: "an interrupt ends all, and none begins behind it", ignore }, async () => {
  await using running = new RunningCommand(
    [...["run", "--on-all", "*", "-j", "2"], ...["--", "sh", "-c", "echo $$; exec sleep 1000"]],
    { env },
  );
  await running.until(/(\d+\n[^]*){2}/);
  running.kill("SIGINT");
  is((await running.ended()).code, 130);
  match(running.text("stderr"), /failed on 3 of 3 hosts/);
  match(running.text("stderr"), /: status 130\n/);
  match(running.text("stderr"), /: not begun when SIGINT came\n/);
  for (const [, pid] of running.text().matchAll(/\| (\d+)\n/g)) await gone(Number(pid));
});

Deno.test({ name: "a second interrupt kills those that do not heed the first", ignore }, async () => {
  const script = `trap 'echo heard' INT; echo $$; while :; do sleep 0.1; done`;
  await using running = new RunningCommand(["run", "--on-all", "*", "--", "sh", "-c", script], { env });
  await running.until(/(\d+\n[^]*){3}/);
  running.kill("SIGINT");
  await running.until(/(heard\n[^]*){3}/);
  running.kill("SIGINT");
  is((await running.ended()).code, 137);
  for (const [, pid] of running.text().matchAll(/\| (\d+)\n/g)) await gone(Number(pid));
});

Deno.test({ name: "a host that dies in the middle is told, and the others go on", ignore }, async () => {
  await using victim = await TestHost.start(broker, "victim", "--label", "zone=eu");
  await using running = new RunningCommand(
    [
      "run",
      "--on-all",
      "zone=eu",
      "--",
      "sh",
      "-c",
      `${itsName}; echo up; [ $name != victim ] || sleep 1000`,
    ],
    { env },
  );
  await running.until(/(up\n[^]*){3}/);
  victim.signal("SIGKILL");
  await running.until(/^victim \| exec-server: connection lost/m, "stderr");
  is((await running.ended()).code, 125);
  match(running.text("stderr"), /failed on 1 of 3 hosts\nexec-server: {3}default\/victim: /);
  ok(/^a {6}\| up$/m.test(running.text()));
});

Deno.test({ name: "a host that drains is left out, and that is told", ignore }, async () => {
  await using running = new RunningCommand(["run", "--on", "long", "--", "sh", "-c", "echo up; read x"], {
    env,
  });
  await running.until(/up/);
  is((await runCommand(["drain", "long"], { env })).code, 0);
  const { text, stderr } = await onAll("zone=eu", "--", "echo", "x");
  is(text, "a    | x\n");
  is(stderr, "long | exec-server: it drains, and is left out\n");
  is((await runCommand(["drain", "--undo", "long"], { env })).code, 0);
  await running.closeStdin();
});
