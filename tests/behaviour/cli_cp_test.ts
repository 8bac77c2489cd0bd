/** `exec-server cp`: to a server, from one, between two; interrupted, refused, and with a server that takes no archives. */
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { runCommand, RunningCommand, runScript } from "../support/command.ts";
import { openClient } from "../support/client.ts";
import { StallingProxy } from "../support/stalling_proxy.ts";
import { codexProgram, referenceServer } from "../support/reference_server.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TerminalProgram } from "../support/terminal_program.ts";

/** As many files as a tree has; EXEC_SERVER_TREE_FILES says otherwise. */
const files = Number(Deno.env.get("EXEC_SERVER_TREE_FILES") ?? 500);

/** A tree with what trees have: names of all kinds, modes, times, links, large and empty files. */
function makeTree(folder: string, count: number): void {
  for (let at = 0; at < count; at++) {
    const below = `${folder}/${at % 20}/${at % 7}`;
    if (at < 140) mkdirSync(below, { recursive: true });
    const path = `${below}/file ${at}`;
    writeFileSync(path, `${at}\n`.repeat(at % 50));
    if (at % 3 === 0) chmodSync(path, [0o755, 0o400, 0o640][at % 9 / 3]!);
    if (at % 5 === 0) utimesSync(path, at, 1_000_000_000 + at + 0.25);
    if (at % 11 === 0) symlinkSync(at % 2 ? `file ${at}` : "/nowhere", `${below}/link ${at}`);
  }
  for (const name of ["new\nline", "emoji 🦀", "ä#?%41", "-r", "n".repeat(250), "a:b", " "]) {
    writeFileSync(`${folder}/${name}`, name);
  }
  const foreign = new Deno.Command("sh", { args: ["-c", `: > "$(printf '${folder}/\\377\\376')"`] });
  assert.ok(foreign.outputSync().success);
  mkdirSync(`${folder}/shut`);
  writeFileSync(`${folder}/shut/inside`, "x");
  utimesSync(`${folder}/shut`, 1, 1_000_000_000);
  chmodSync(`${folder}/shut`, 0o555);
  writeFileSync(`${folder}/large`, new Uint8Array(3_000_001).map((_, at) => at % 251));
}

/** What a tree is, in words; names as bytes. */
function wordsOf(folder: string): string {
  const list = new Deno.Command("sh", {
    args: [
      "-c",
      `cd "$1" && find . ! -type l -printf '%P %y %m %T@ %s\\0' | LC_ALL=C sort -z | tr '\\0' '\\n' | sed 's/\\(\\.[0-9][0-9][0-9]\\)[0-9]*/\\1/'
       find . -type l -printf '%P -> %l\\n' | LC_ALL=C sort; find . -type f -exec sha256sum -z {} + | LC_ALL=C sort -z | sha256sum`,
      "sh",
      folder,
    ],
  }).outputSync();
  assert.ok(list.success, new TextDecoder().decode(list.stderr));
  return new TextDecoder("latin1").decode(list.stdout)
    .replace(/^ d \d+ \S+ \d+$/m, "").replace(/ d (\d+) (\S+) \d+$/gm, " d $1 $2");
}

/** Two servers that have names, and what they are found by. */
async function namedServers(folder: TempFolder) {
  const [one, two] = await Promise.all([startServer(), startServer()]);
  const codex = `${folder.path}/codex`;
  mkdirSync(codex);
  const entries = [["one", one], ["two", two]] as const;
  writeFileSync(
    `${codex}/environments.toml`,
    entries.map(([id, { url }]) => `[[environments]]\nid = "${id}"\nurl = "${url}"\n`).join("\n"),
  );
  return {
    one,
    two,
    env: { CODEX_HOME: codex },
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a tree goes to a server, on to another and back, with all that it has", async () => {
  await using folder = new TempFolder();
  await using servers = await namedServers(folder);
  const { env } = servers;
  const at = folder.path;
  mkdirSync(`${at}/tree`);
  makeTree(`${at}/tree`, files);
  const cp = async (...args: string[]) => {
    const { code, text, stderr } = await runCommand(["cp", ...args], { env, cwd: at });
    assert.deepEqual([code, text, stderr], [0, "", ""], args.join(" "));
  };
  await cp("-r", "tree", `one:${at}/first`);
  assert.equal(wordsOf(`${at}/first`), wordsOf(`${at}/tree`));
  await cp("-r", `one:${at}/first/`, `two:${at}/second`);
  assert.equal(wordsOf(`${at}/second`), wordsOf(`${at}/tree`));
  mkdirSync(`${at}/third`);
  await cp("--environment", "two", "-r", `:${at}/second`, "third");
  assert.equal(wordsOf(`${at}/third/second`), wordsOf(`${at}/tree`));

  // What is there already is left as it is with --resume, and all else comes.
  writeFileSync(`${at}/first/1/1/file 1`, "another");
  await cp("--resume", "-r", "tree/.", `one:${at}/first`);
  assert.equal(wordsOf(`${at}/first`), wordsOf(`${at}/tree`));
  await cp("-r", "--exclude", "large", "--exclude", "1*/**", "--exclude", "shut", "tree", `one:${at}/part`);
  const part = readdirSync(`${at}/part`);
  assert.ok(!part.includes("large") && !part.includes("shut") && part.includes("2"));
  assert.deepEqual(readdirSync(`${at}/part/1`), []);
  for (const tree of ["tree", "first", "second", "third/second"]) chmodSync(`${at}/${tree}/shut`, 0o755);
});

Deno.test("places are what cp makes of them, and refusals say what to do", async () => {
  await using folder = new TempFolder();
  await using server = await startServer({ cwd: folder.path });
  const at = folder.path;
  mkdirSync(`${at}/d/e`, { recursive: true });
  mkdirSync(`${at}/there`);
  writeFileSync(`${at}/d/f`, "text");
  writeFileSync(`${at}/a:b`, "colon");
  symlinkSync("f", `${at}/d/l`);
  const cp = async (...args: string[]) => {
    const env = { EXEC_SERVER_URL: server.url, CODEX_HOME: at };
    const { code, stderr } = await runCommand(["cp", ...args], { env, cwd: at });
    return `${code} ${stderr}`;
  };
  const copied = "0 ";
  assert.equal(await cp("d/f", ":there/"), copied);
  assert.equal(await cp("d/f", ":there/g"), copied);
  assert.equal(await cp("d/l", "./a:b", `${server.url}:there`), copied);
  assert.equal(await cp(":d/f", "here"), copied);
  assert.equal(readFileSync(`${at}/here`, "utf8"), "text");
  assert.deepEqual(readdirSync(`${at}/there`).sort(), ["a:b", "f", "g", "l"]);
  assert.ok(lstatSync(`${at}/there/l`).isFile());
  assert.equal(await cp("-r", "d", ":there"), copied);
  assert.equal(await cp("-r", "d/", ":new/"), copied);
  assert.equal(readlinkSync(`${at}/there/d/l`), "f");
  assert.equal(readlinkSync(`${at}/new/l`), "f");

  const refusals: [string[], RegExp][] = [
    [["d", ":there"], /^1 .*"d" is not copied: it is a directory: give -r/],
    [["nothing", "d/f", ":there"], /^1 .*"nothing" is not copied: there is no such file/],
    [["d/f", ":there/f", ":new/f"], /^1 .*":new\/f" is no directory, which several/],
    [["d/f", ":none/"], /^1 .*no directory ":none\/"/],
    [["-r", "d", ":there/f"], /^1 .*is there, and no directory/],
    [["-r", ":d", ":d/e"], /^1 .*is in it/],
    [[":d/f", ":d/l"], /^1 .*are the same/],
    [["d/f", "there"], /^2 .*No place is on a server/],
    [["d/f", "none:/x"], /^2 .*"none"/],
    [["d/f", "ws://127.0.0.1:1:/x"], /^125 /],
  ];
  for (const [args, said] of refusals) assert.match(await cp(...args), said, args.join(" "));
});

Deno.test("an archive goes by standard output and input, as tar reads and writes it", async () => {
  await using folder = new TempFolder();
  await using server = await startServer({ cwd: folder.path });
  const at = folder.path;
  mkdirSync(`${at}/d`);
  mkdirSync(`${at}/out`);
  writeFileSync(`${at}/d/f`, "text");
  chmodSync(`${at}/d/f`, 0o640);
  const env = { EXEC_SERVER_URL: server.url };
  const script = async (text: string) => {
    const { code, text: out, stderr } = await runScript(text, { env, cwd: at });
    return [code, out, stderr];
  };
  assert.deepEqual(await script(`"$@" cp -r :d - | tar -t | sort -u`), [0, "./d/\n./d/f\n", ""]);
  assert.deepEqual(await script(`"$@" cp :d/f - | tar -xO`), [0, "text", ""]);
  assert.deepEqual(await script(`tar -c d | "$@" cp - :out && stat -c %a out/d/f`), [0, "640\n", ""]);
  const [code, , said] = await script(`echo nonsense | "$@" cp - :out`);
  assert.equal(code, 1);
  assert.match(said as string, /archive/);
  assert.deepEqual((await script(`set -o pipefail; "$@" cp -r :/bin - | head -c 1 >/dev/null`))[0], 141);
});

Deno.test("Ctrl-C ends a copy with a word, no half file has the name, and --resume goes on", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  await using proxy = await StallingProxy.start(server.url, 8_000_000);
  const at = folder.path;
  mkdirSync(`${at}/tree`);
  const bytes = new Uint8Array(20_000_000).map((_, at) => (at * 7) % 253);
  writeFileSync(`${at}/tree/large`, bytes);
  {
    await using running = new RunningCommand(["cp", "-r", `${at}/tree`, `${proxy.url}:${at}/copy`]);
    await proxy.stalled;
    running.kill("SIGINT");
    const { code } = await running.ended();
    assert.equal(code, 130);
    assert.match(running.text("stderr"), /interrupted: .*--resume goes on/);
  }
  const halves = () => readdirSync(`${at}/copy`);
  assert.ok(halves().every((name) => name.endsWith("-part")), halves().join());
  const env = { EXEC_SERVER_URL: server.url };
  const { code, stderr } = await runCommand(["cp", "-r", "--resume", `${at}/tree/.`, `:${at}/copy`], { env });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.deepEqual(halves(), ["large"]);
  assert.ok(readFileSync(`${at}/copy/large`).equals(bytes));
});

Deno.test("a copy goes on by itself when its connection is lost", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  await using proxy = await StallingProxy.start(server.url, 5_000_000);
  const at = folder.path;
  const bytes = new Uint8Array(20_000_000).map((_, at) => (at * 11) % 251);
  writeFileSync(`${at}/large`, bytes);
  await using running = new RunningCommand(["cp", `${at}/large`, `${proxy.url}:${at}/copy`]);
  await proxy.stalled;
  proxy.cut();
  assert.equal((await running.ended()).code, 0, running.text("stderr"));
  assert.ok(readFileSync(`${at}/copy`).equals(bytes));
});

Deno.test({
  name: "a full disk and a place that is not one's own fail with their reason",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await using folder = new TempFolder();
    const at = folder.path;
    mkdirSync(`${at}/disk`);
    mkdirSync(`${at}/tree`);
    mkdirSync(`${at}/shut`, { mode: 0o700 });
    for (let at = 0; at < 40; at++) {
      writeFileSync(`${folder.path}/tree/${at}`, new Uint8Array(at === 20 ? 900_000 : 50_000));
    }
    const script = `mount -t tmpfs -o size=512k none ${at}/disk && exec "$@"`;
    const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
    await using server = await startServer({
      command: ["unshare", "-m", "sh", "-c", script, "sh", ...serve],
    });
    const env = { EXEC_SERVER_URL: server.url };
    const full = await runCommand(["cp", "-r", `${at}/tree`, `:${at}/disk/tree`], { env });
    assert.equal(full.code, 1);
    assert.match(full.stderr, /tree" is not copied: .*No space left on device/);
    const none = await runCommand(["cp", `${at}/tree/1`, ":/proc/nothing"], { env });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /is not copied: /);
  },
});

Deno.test({
  name: "a server that takes no archives is given files one by one, with a word",
  ignore: !existsSync(codexProgram),
  async fn() {
    await using folder = new TempFolder();
    await using server = await startServer(referenceServer());
    const at = folder.path;
    mkdirSync(`${at}/tree/deep/empty`, { recursive: true });
    mkdirSync(`${at}/tree/out`);
    writeFileSync(`${at}/tree/deep/f`, "text");
    writeFileSync(`${at}/tree/out/f`, "text");
    writeFileSync(`${at}/tree/large`, new Uint8Array(2_500_000).fill(7));
    const env = { EXEC_SERVER_URL: server.url };
    for (const args of [[`${at}/tree`, `:${at}/there`], [`:${at}/there`, `${at}/back`]]) {
      const { code, stderr } = await runCommand(["cp", "-r", "--exclude", "out", ...args], { env });
      assert.deepEqual([code, stderr], [
        0,
        "exec-server: this server takes no archives: modes, times and links are not kept\n",
      ]);
    }
    assert.deepEqual(readdirSync(`${at}/back`).sort(), ["deep", "large"]);
    assert.deepEqual(readdirSync(`${at}/back/deep`).sort(), ["empty", "f"]);
    assert.ok(readFileSync(`${at}/back/large`).equals(readFileSync(`${at}/tree/large`)));
  },
});

Deno.test("a terminal is shown how far a copy is, and nothing with --quiet", async () => {
  await using folder = new TempFolder();
  await using server = await startServer();
  await using client = await openClient(server.url);
  const at = folder.path;
  writeFileSync(`${at}/file`, new Uint8Array(1_000_000));
  const show = async (...flags: string[]) => {
    const argv = [...serverCommand(), "cp", ...flags, `${at}/file`, `${server.url}:${at}/copy`];
    const program = await TerminalProgram.start(client, argv);
    await program.end();
    return (await program.look()).lines.join("\n").trim();
  };
  assert.match(await show(), /^\[#{20}\] 100% {2}1\.0 MB of 1\.0 MB {2}.*\/s {2}1\/1/);
  assert.equal(await show("-q"), "");
  assert.ok(existsSync(`${at}/copy`));
});
