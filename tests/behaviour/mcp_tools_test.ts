/** The tools that `exec-server mcp` gives an agent, through the official client. */
import assert from "node:assert/strict";
import { gone, RunningCommand } from "../support/command.ts";
import { startMcpTools } from "../support/mcp_tools.ts";
import { startServer } from "../support/server_process.ts";
import { canConfine } from "../support/sandbox.ts";
import { TempFolder } from "../support/temp_folder.ts";

Deno.test("an agent's tools run commands, and tell their output in bounded pieces", async () => {
  await using tools = await startMcpTools();
  const { tools: told } = await tools.client.listTools();
  assert.deepEqual(
    told.map(({ name }) => name),
    ["run", "start", "read", "write", "screen", "signal", "list", "read_file", "write_file", "copy"],
  );
  for (const { name, description, inputSchema } of told) {
    assert.ok(description, name);
    assert.equal(inputSchema.additionalProperties, false, name);
    for (const member of Object.values(inputSchema.properties ?? {})) {
      assert.ok((member as { description?: string }).description, JSON.stringify(member));
    }
  }
  const ended = await tools.call("run", { command: "echo grüße; echo oh >&2; exit 3" });
  assert.match(ended.text, /^p1 on local ended with status 3 after [\d.]+ s\n(grüße\noh|oh\ngrüße)\n$/);
  const fed = await tools.call("run", { command: ["cat"], input: "fed", env: { A: "1" }, cwd: "/" });
  assert.match(fed.text, /ended with status 0 after [\d.]+ s\nfed$/);

  const long = await tools.call("run", { command: ["seq", "200000"], max_bytes: 200 });
  assert.match(long.text, /\n1\n2\n.*left out; read on with read \{"process":"p3","from":50\}.*\n200000\n$/s);
  assert.ok(long.text.length < 500);
  // The beginning and the newest megabyte are kept, and told in pieces without a gap or a double.
  const all = Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`).join("");
  assert.equal(await readAll(tools, "p3", 0, 50_000), all.slice(0, 50_000));
  assert.equal(await readAll(tools, "p3", all.length - 1_000_000, all.length), all.slice(-1_000_000));
  assert.match((await tools.call("read", { process: "p3", from: -3, max_bytes: 10 })).text, /\n00\n$/);
});

/** What a process wrote, from a place to another, read piece by piece. */
async function readAll(
  tools: Awaited<ReturnType<typeof startMcpTools>>,
  process: string,
  from: number,
  to: number,
) {
  let text = "";
  while (text.length < to - from) {
    const max_bytes = Math.min(200_000, to - from - text.length);
    const answer = await tools.call("read", { process, from: from + text.length, max_bytes });
    text += answer.text.replace(/^.*\n/, "").replace(/\n\[truncated: [^\]]*\]$/, "");
  }
  return text;
}

Deno.test("what takes long goes on, is followed, typed to, looked at and ended", async () => {
  await using tools = await startMcpTools();
  const script = "echo begun; read line; echo got $line; exec cat";
  const begun = await tools.call("start", { command: script, stdin: true });
  assert.match(begun.text, /^p1 on local runs/);
  assert.match((await tools.call("read", { process: "p1", wait_seconds: 60 })).text, /\nbegun\n$/);
  assert.match((await tools.call("write", { process: "p1", text: "a line\n" })).text, /\ngot a line\n$/);
  await tools.call("write", { process: "p1", end: true, wait_seconds: 60 });
  assert.match((await tools.call("read", { process: "p1", wait_seconds: 60 })).text, /ended with status 0/);
  const late = await tools.call("write", { process: "p1", text: "more" });
  assert.deepEqual([late.isError, /^Nobody is there/.test(late.text)], [true, true]);

  const draw = String.raw`printf '\033[2J\033[3;5Hhere'; stty size; read -r x`;
  await tools.call("start", { command: draw, tty: true });
  assert.match((await tools.call("read", { process: "p2", wait_seconds: 60 })).text, /here/);
  const screen = await tools.call("screen", { process: "p2" });
  assert.match(screen.text, /24 rows, 80 columns, cursor at row \d+.*\n {4}here/s);
  const killed = await tools.call("signal", { process: "p2", signal: "kill", wait_seconds: 60 });
  assert.match(killed.text, /was ended by SIGKILL/);

  const slow = await tools.call("run", { command: "echo $$; exec sleep 600", wait_seconds: 0.01 });
  assert.match(slow.text, /^p3 on local runs/);
  const timed = await tools.call("run", {
    command: ["sleep", "600"],
    timeout_seconds: 0.1,
    wait_seconds: 60,
  });
  assert.match(timed.text, /p4 on local was killed: it took more than 0.1 s/);
  const list = (await tools.call("list")).text;
  assert.match(list, /- local: this machine \(the default machine\)\n.*- p3 on local runs/s);
});

Deno.test("a cancelled command is killed, and whoever waits hears how far it is", async () => {
  await using folder = new TempFolder();
  await using tools = await startMcpTools();
  const cancel = new AbortController();
  const words: (string | undefined)[] = [];
  const onprogress = ({ message }: { message?: string }) => {
    words.push(message);
    cancel.abort(new Error("enough"));
  };
  const command = `echo $$ > ${folder.path}/pid; echo so far; exec sleep 600`;
  await assert.rejects(
    tools.call("run", { command, wait_seconds: 600 }, { signal: cancel.signal, onprogress }),
    /enough/,
  );
  assert.deepEqual(words, ["so far"]);
  await gone(Number(await Deno.readTextFile(`${folder.path}/pid`)));
});

Deno.test("what cannot be done is a tool's answer that says what helps", async () => {
  await using tools = await startMcpTools();
  const expected: [tool: string, input: Record<string, unknown>, text: RegExp][] = [
    ["run", { command: "true", timeout: 3 }, /Unrecognized key: "timeout"/],
    ["run", { command: ["/no/such/program"] }, /No such file or directory.*"\/no\/such\/program"/],
    ["run", { command: "true", cwd: "/no/such" }, /No such file or directory/],
    ["run", { command: "true", machine: "there" }, /^There is no machine "there": there are local$/],
    ["read", { process: "p9" }, /"p9": `list` tells which there are/],
    ["read_file", { path: "/no/such" }, /No such file/],
    ["start", { command: "true", keep: true, name: "n" }, /has no server that goes on/],
  ];
  for (const [tool, input, text] of expected) {
    const answer = await tools.call(tool, input);
    assert.equal(answer.isError, true, tool);
    assert.match(answer.text, text);
  }
  await tools.call("start", { command: ["sleep", "600"] });
  assert.match((await tools.call("write", { process: "p1", text: "x" })).text, /start it with stdin or tty/);
});

Deno.test("machines have names; files go from one to another, and processes are kept on a server", async () => {
  await using folder = new TempFolder();
  await using server = await startServer({ args: ["--log-level", "off"], cwd: folder.path });
  await folder.write("environments.toml", `[[environments]]\nid = "there"\nurl = "${server.url}"\n`);
  const env = { CODEX_HOME: folder.path };
  await using tools = await startMcpTools(["--cwd", folder.path], env);
  assert.match((await tools.call("list")).text, /- local: this machine \(.*\n- there: ws:\/\/127/);
  const written = { path: "from/a.txt", text: "one\ntwo\n", mode: "600" };
  assert.match((await tools.call("write_file", written)).text, /from\/a.txt on local holds 8 bytes/);
  await tools.call("write_file", { path: "from/a.txt", old_text: "two", text: "zwei ä" });
  assert.match(
    (await tools.call("write_file", { path: "from/a.txt", old_text: "gone", text: "" })).text,
    /^old_text does not stand in the file/,
  );
  await Deno.writeFile(`${folder.path}/from/b.bin`, new Uint8Array([1, 0, 2]));
  const copied = await tools.call("copy", { from_path: "from", to_machine: "there", to_path: "to" });
  assert.match(copied.text, /^Copied 2 files, 15 bytes, from .* on local to .*\/to on there$/);
  const there = { machine: "there" };
  assert.equal((await tools.call("read_file", { path: "to", ...there })).text, "a.txt\nb.bin");
  assert.equal((await tools.call("read_file", { path: "to/a.txt", ...there })).text, "one\nzwei ä\n");
  const part = await tools.call("read_file", { path: "to/a.txt", offset: 4, max_bytes: 6, ...there });
  assert.match(
    part.text,
    /^zwei \n\[truncated: 3 bytes more; read on with read_file \{"path":"to\/a.txt","offset":9\}\]$/,
  );
  assert.match((await tools.call("read_file", { path: "to/b.bin", ...there })).text, /is no text: 3 bytes/);

  const kept = {
    command: "echo ready; read x; echo $x; exec sleep 600",
    stdin: true,
    name: "kept",
    keep: true,
  };
  assert.match((await tools.call("start", { ...kept, ...there })).text, /^p1 on there runs/);
  const own = await tools.call("run", { command: "sleep 600 & echo $!", wait_seconds: 0, ...there });
  const [, pid] = /\n(\d+)\n/.exec(
    (await tools.call("read", { process: "p2", from: 0, wait_seconds: 60 })).text,
  )!;
  assert.match(own.text, /^p2 on there/);
  await tools.close();
  await gone(Number(pid));
  await using later = await startMcpTools(["--url", server.url]);
  const name = "127.0.0.1";
  assert.match((await later.call("list", { machine: name })).text, /- kept: runs, whose client is gone: /);
  assert.match((await later.call("read", { process: "kept", from: 0, wait_seconds: 60 })).text, /\nready\n$/);
  assert.match(
    (await later.call("write", { process: "kept", text: "typed\n", wait_seconds: 60 })).text,
    /typed/,
  );
  const killed = await later.call("signal", { process: "kept", signal: "kill", wait_seconds: 60 });
  assert.match(killed.text, /^kept on 127.0.0.1 (was ended by SIGKILL|ended with status 137)/);
});

Deno.test("a machine that was lost is told of, and connected again by the next call", async () => {
  await using folder = new TempFolder();
  const listen = `unix:${folder.path}/socket`;
  await using first = await startServer({ listen, args: ["--log-level", "off"] });
  await using tools = await startMcpTools(["--url", listen]);
  assert.match((await tools.call("run", { command: "echo 1" })).text, /\n1\n$/);
  await first.stop();
  await using _second = await startServer({ listen, args: ["--log-level", "off"] });
  const lost = await tools.call("run", { command: "echo 2" });
  assert.deepEqual([lost.isError, /session/.test(lost.text)], [true, true], lost.text);
  assert.match((await tools.call("run", { command: "echo 3" })).text, /\n3\n$/);
});

Deno.test({
  name: "a sandbox binds all tools, whatever they are asked for",
  ignore: !canConfine,
  async fn() {
    await using folder = new TempFolder();
    const [inside, outside] = [`${folder.path}/in`, await Deno.makeTempDir({ dir: "/var/tmp" })];
    await Deno.mkdir(inside);
    try {
      await using tools = await startMcpTools(["--sandbox", "workspace-write", "--cwd", inside]);
      assert.match((await tools.call("run", { command: "echo x > a; cat a" })).text, /status 0.*\nx\n$/s);
      assert.match((await tools.call("write_file", { path: "b", text: "y" })).text, /holds 1 bytes/);
      // Neither another directory to run in nor a variable widens it.
      for (const cwd of [inside, outside]) {
        const refused = await tools.call("run", { command: `echo x > ${outside}/a`, cwd });
        assert.match(refused.text, /status [12].*[Rr]ead-only file system/s);
      }
      const widened = await tools.call("run", { command: "true", env: { TMPDIR: outside } });
      assert.match(widened.text, /^TMPDIR names/);
      for (
        const [tool, input] of [
          ["write_file", { path: `${outside}/a`, text: "x" }],
          ["copy", { from_path: "a", to_path: `${outside}/a` }],
        ] as const
      ) assert.equal((await tools.call(tool, input)).isError, true, tool);
      assert.deepEqual([...Deno.readDirSync(outside)], []);
      assert.match(tools.client.getInstructions()!, /confined to a sandbox \(workspace-write\)/);
    } finally {
      await Deno.remove(outside, { recursive: true });
    }
  },
});

Deno.test("a read-only server offers nothing that changes anything", async () => {
  await using tools = await startMcpTools(["--read-only"]);
  const { tools: told } = await tools.client.listTools();
  assert.deepEqual(told.map(({ name }) => name), ["read", "screen", "list", "read_file"]);
  assert.ok(told.every(({ annotations }) => annotations?.readOnlyHint));
  assert.equal((await tools.call("run", { command: "true" })).isError, true);
});

Deno.test("its output is MCP alone, whatever comes in, and it ends with its input", async () => {
  await using command = new RunningCommand(["mcp"], { env: { CODEX_HOME: "/" } });
  const info = { name: "raw", version: "1" };
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: info };
  await command.write(`no message\n\xff\n{"jsonrpc":"1.0"}\n\n`);
  await command.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  await command.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  const call = { name: "run", arguments: { command: "echo $PPID; exec sleep 600", wait_seconds: 0.5 } };
  await command.write(`${JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/call", params: call })}\n`);
  await command.until(/"id":2/);
  await command.closeStdin();
  assert.equal((await command.ended()).code, 0);
  for (const line of command.text().trimEnd().split("\n")) assert.equal(JSON.parse(line).jsonrpc, "2.0");
  assert.equal(command.text("stderr"), "");
});
