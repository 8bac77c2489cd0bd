import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { collect, nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { gone, isAlive, runCommand, RunningCommand } from "../support/command.ts";
import { get, rawRequest, upgradeHeaders } from "../support/raw_http.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

/** Starts `serve` with flags and waits for its URL. */
async function serving(...flags: string[]): Promise<{ command: RunningCommand; url: string }> {
  const command = new RunningCommand(["serve", ...flags]);
  const [, url = ""] = await command.until(/^(.*)\n/);
  return { command, url };
}

Deno.test("the URL is the first and only line on stdout", async () => {
  const { command, url } = await serving();
  await using _ = command;
  match(url, /^ws:\/\/127\.0\.0\.1:[1-9]\d*$/);
  await using client = await openClient(url);
  await collect(await client.start(startParams("p", ["echo", "out"])));
  command.kill("SIGTERM");
  strictEqual((await command.ended()).code, 0);
  strictEqual(command.text(), `${url}\n`);
});

Deno.test("it listens where it is told to", async () => {
  const places: [listen: string, url: RegExp][] = [
    ["ws://127.0.0.1:0", /^ws:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ["ws://127.0.0.1", /^ws:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ["ws://127.0.0.1:0/", /^ws:\/\/127\.0\.0\.1:[1-9]\d*$/],
    ["ws://127.8.8.8:0", /^ws:\/\/127\.8\.8\.8:[1-9]\d*$/],
    ["ws://[::1]:0", /^ws:\/\/\[::1\]:[1-9]\d*$/],
  ];
  for (const [listen, expected] of places) {
    const { command, url } = await serving("--listen", listen);
    await using _ = command;
    match(url, expected);
    await using client = await openClient(url);
    ok(client.environmentInfo.shell.path);
  }
});

Deno.test("a port that is in use is told, and not waited for", async () => {
  await using server = await startServer();
  const { code, text, stderr } = await runCommand(["serve", "--listen", server.url, "--log-level=off"]);
  deepStrictEqual([code, text], [125, ""]);
  strictEqual(
    stderr,
    `exec-server: Cannot listen on ${server.url}: the port is in use; give another one, or 0 for a free one\n`,
  );
});

Deno.test("a port that has become free is taken at once", async () => {
  await using first = await startServer();
  await using client = await openClient(first.url);
  ok(client.environmentInfo);
  await first.stop();
  const { command, url } = await serving("--listen", first.url);
  await using _ = command;
  strictEqual(url, first.url);
});

Deno.test("where it cannot listen, it says what helps", async () => {
  await using folder = new TempFolder();
  const file = await folder.write("file", "");
  const places: [listen: string, reason: string][] = [
    [
      "ws://203.0.113.7:0",
      "this machine does not have that address; give one that `ip address` lists, or 127.0.0.1",
    ],
    [`unix:${folder.path}/none/s`, "the directory does not exist; make it first"],
    [`unix:${file}`, "something that is no socket is there; give another path"],
    [`unix:${file}/s`, "a part of the path is no directory; give another path"],
    [
      `unix:${folder.path}/${"x".repeat(120)}`,
      "the path is too long for a socket, which has room for 107 bytes; give a shorter one",
    ],
  ];
  const token = ["--ws-auth=capability-token", `--ws-token-sha256=${"0".repeat(64)}`];
  for (const [place, reason] of places) {
    const args = ["serve", "--log-level=off", "--listen", place, ...(place.startsWith("ws:") ? token : [])];
    const { code, text, stderr } = await runCommand(args);
    deepStrictEqual([code, text, stderr], [125, "", `exec-server: Cannot listen on ${place}: ${reason}\n`]);
  }
});

Deno.test("what cannot be listened on is told in one line, with status 2", async () => {
  const places: [place: string, meant?: string][] = [
    [""],
    ["127.0.0.1:0", "ws://127.0.0.1:0"],
    ["9000", "ws://127.0.0.1:9000"],
    [":9000", "ws://127.0.0.1:9000"],
    ["localhost:9000", "ws://127.0.0.1:9000"],
    ["ws://localhost:0", "ws://127.0.0.1:0"],
    ["ws://"],
    ["ws://127.0.0.1:65536"],
    ["ws://127.0.0.1:-1"],
    ["ws://127.0.0.1:http"],
    ["ws://127.0.0.1:0/path"],
    ["ws://256.0.0.1:0"],
    ["ws://::1:0", "ws://[::1]:0"],
    ["ws://::1", "ws://[::1]"],
    ["ws://[127.0.0.1]:0"],
    ["ws://user@127.0.0.1:0"],
    ["wss://localhost:0", "wss://127.0.0.1:0"],
    ["https://127.0.0.1:0", "wss://127.0.0.1:0"],
    ["http://127.0.0.1:0", "ws://127.0.0.1:0"],
    ["tcp"],
    ["unix:"],
    ["unix:relative"],
    ["unix://relative"],
    ["/run/s", "unix:/run/s"],
  ];
  for (const [place, meant] of places) {
    const { code, text, stderr } = await runCommand(["serve", `--listen=${place}`]);
    deepStrictEqual([code, text, stderr], [
      2,
      "",
      `exec-server: --listen takes ws://IP:PORT or wss://IP:PORT with a literal IP address, unix:/PATH, or stdio, not "${place}"` +
      `${meant === undefined ? "" : `; did you mean ${meant}?`}\n`,
    ]);
  }
});

Deno.test("several places are listened at, each printed as it is bound, and a session is the same at all", async () => {
  await using folder = new TempFolder();
  const socket = `${folder.path}/s`;
  const command = new RunningCommand(["serve", "--listen", "ws://127.0.0.1:0", "--listen", `unix:${socket}`]);
  await using _ = command;
  const [, tcp = "", unix = ""] = await command.until(/^(ws:.*)\n(unix:.*)\n/);
  strictEqual(unix, `unix://${socket}`);
  const client = await openClient(unix);
  const process = await client.start(startParams("p", ["sleep", "60"]));
  using wire = await Wire.open(tcp);
  client.close();
  await command.until(/connection closed/, "stderr");
  strictEqual(await wire.initialize(client.sessionId), client.sessionId);
  const { processes } = await wire.request("process/list", {}) as { processes: { processId: string }[] };
  deepStrictEqual(processes.map(({ processId }) => processId), [process.id]);
  command.kill("SIGTERM");
  strictEqual((await command.ended()).code, 0);
  strictEqual(existsSync(socket), false);
});

Deno.test("what says who may connect is for the place before it, or for all where it stands before the first", async () => {
  await using folder = new TempFolder();
  const token = await folder.write("token", "0123456789abcdef0123456789abcdef");
  const auth = ["--ws-auth=capability-token", `--ws-token-file=${token}`];
  const places = ["--listen=ws://127.0.0.1:0", `--listen=unix:${folder.path}/s`];
  for (
    const [flags, asked] of [
      [[places[0]!, ...auth, places[1]!], [true, false]],
      [[places[0]!, places[1]!, ...auth], [false, true]],
      [[...auth, ...places], [true, true]],
    ] as const
  ) {
    const command = new RunningCommand(["serve", ...flags]);
    await using _ = command;
    const [, ...urls] = await command.until(/^(ws:.*)\n(unix:.*)\n/);
    for (const [i, url] of urls.entries()) {
      if (asked[i]) await rejects(openClient(url), /401/);
      await using client = await openClient(
        url,
        asked[i] ? { token: "0123456789abcdef0123456789abcdef" } : {},
      );
      ok(client.sessionId);
    }
  }
});

Deno.test("where one of several places cannot be had, none is kept", async () => {
  await using server = await startServer();
  await using folder = new TempFolder();
  const socket = `${folder.path}/s`;
  const places = ["--listen", `unix:${socket}`, "--listen", server.url];
  const { code, text, stderr } = await runCommand(["serve", ...places, "--log-level=off"]);
  deepStrictEqual([code, text], [125, `unix://${socket}\n`]);
  match(stderr, /^exec-server: Cannot listen on ws:.*: the port is in use/);
  strictEqual(existsSync(socket), false);
});

Deno.test("stdio goes with no other place", async () => {
  const { code, stderr } = await runCommand(["serve", "--listen", "stdio", "--listen", "ws://127.0.0.1:0"]);
  deepStrictEqual([code, stderr.split("\n")[0]], [
    2,
    "exec-server: --listen stdio serves one client and no other: give it alone",
  ]);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`${signal} ends it with status 0 and every process with it`, async () => {
    await using server = await startServer();
    await using client = await openClient(server.url);
    const script = 'trap "" TERM INT HUP; sleep 1000 & echo $$ $!; wait';
    const events = (await client.start(startParams("p", ["sh", "-c", script])))[Symbol.asyncIterator]();
    const pids = textOf((await nextEvent(events, "output")).bytes).trim().split(" ").map(Number);
    strictEqual(pids.length, 2);
    ok(pids.every(isAlive));
    strictEqual((await server.stop(signal)).code, 0);
    await Promise.all(pids.map(gone));
  });
}

Deno.test("a second signal ends it whatever it is waiting for", async () => {
  const { command, url } = await serving();
  await using _ = command;
  await using client = await openClient(url);
  const events = (await client.start(startParams("p", ["sh", "-c", "echo $$; sleep 1000"])))
    [Symbol.asyncIterator]();
  const pid = Number(textOf((await nextEvent(events, "output")).bytes));
  command.kill("SIGTERM");
  command.kill("SIGINT");
  const { code } = await command.ended();
  ok(code === 0 || code === 1, String(code));
  await gone(pid);
});

Deno.test("a client that does not read cannot keep it from ending", async () => {
  await using server = await startServer();
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
  await socket.write(handshake(server.url));
  await socket.read(new Uint8Array(4_096));
  for (const message of flood) await socket.write(textFrame(message));
  await until(() => /process started/.test(server.stderr()));
  strictEqual((await server.stop()).code, 0);
  socket.close();
});

// ---------------------------------------------------------------- logs

const secrets = [
  "s3cret-argument",
  "s3cret-variable",
  "s3cret-output",
  "s3cret-input",
  "s3cret-program",
  "s3cret-cwd",
];

/** Has a client do everything that could give a secret away. */
async function doSecretThings(url: string, token: string): Promise<void> {
  await openClient(url, { token: "wrong" }).then(() => ok(false), () => {});
  await using client = await openClient(url, { token });
  const [argument, variable, output, input, program, cwd] = secrets;
  const env = { PATH: "/usr/bin:/bin", NAME: variable! };
  const script = `read line; echo ${output}; echo "$line" >&2; exit 3`;
  const channel = await client.start(
    startParams("talker", ["sh", "-c", script, argument!], { env, pipeStdin: true }),
  );
  const chunk = new TextEncoder().encode(`${input}\n`).toBase64();
  await client.call("process/write", { processId: "talker", chunk, writeId: "1" });
  const outcome = await collect(channel);
  strictEqual(`${textOf(outcome.stdout)}${textOf(outcome.stderr)}`, `${output}\n${input}\n`);
  await client.start(startParams("none", [program!])).then(() => ok(false), () => {});
  await client.start(startParams("lost", ["true"], { cwd: `file:///${cwd}` })).then(
    () => ok(false),
    () => {},
  );
}

for (const format of ["text", "json"]) {
  Deno.test(`a ${format} log has a line per event, with ids, and no secret at any level`, async () => {
    const token = "s3cret-token";
    await using folder = new TempFolder();
    const auth = ["--ws-auth", "capability-token", "--ws-token-file", await folder.write("token", token)];
    await using server = await startServer({
      args: ["--log-level", "debug", "--log-format", format, ...auth],
    });
    await doSecretThings(server.url, token);
    await until(() => server.stderr().includes("connection closed"));
    await server.stop();
    for (const secret of [...secrets, token]) ok(!server.stderr().includes(secret), secret);
    const all = server.stderr().trimEnd().split("\n").map(format === "json" ? fromJson : fromText);
    for (const { time } of all) match(time!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const lines = all.filter(({ level }) => level?.toLowerCase() === "info");
    const session = lines.find(({ event }) => event === "session created")?.session;
    match(session ?? "", /^[0-9a-f]{8}$/);
    const pid = lines.find(({ event }) => event === "process started")?.pid;
    deepStrictEqual(
      lines.map(({ time: _, peer: __, level: ___, ...rest }) => rest),
      [
        { event: "server listening", url: server.url, auth: "capability-token" },
        { event: "connection refused", status: "401", reason: "invalid websocket bearer token" },
        { event: "connection opened", connection: "1" },
        { event: "session created", connection: "1", session, client: "test" },
        { event: "process started", session, process: "talker", pid },
        { event: "process closed", session, process: "talker", pid, code: "3" },
        { event: "connection closed", connection: "1", session },
        { event: "server stopping" },
      ],
    );
    match(lines[2]!.peer ?? "", /^127\.0\.0\.1:\d+$/);
  });
}

type Line = Record<string, string>;

function fromJson(line: string): Line {
  return Object.fromEntries(Object.entries(JSON.parse(line)).map(([name, value]) => [name, String(value)]));
}

function fromText(line: string): Line {
  const [, time, level, event, fields = ""] =
    /^(\S+) ([A-Z]+) +([a-z]+(?: [a-z]+)*)((?: \w+=(?:"[^"]*"|\S+))*)$/.exec(line) ?? [];
  ok(time && level && event, line);
  const pairs = [...fields.matchAll(/ (\w+)=(?:"([^"]*)"|(\S+))/g)].map((
    [, name, quoted, bare],
  ) => [name, quoted ?? bare]);
  return { time, level, event, ...Object.fromEntries(pairs) };
}

Deno.test("--log-level says how much is logged", async () => {
  for (
    const [level, expected] of [["off", /^$/], ["error", /^$/], [
      "warn",
      /^[^\n]*connection dropped[^\n]*\n$/,
    ]] as const
  ) {
    await using server = await startServer({ args: ["--log-level", level] });
    const socket = new WebSocket(server.url);
    await new Promise((resolve) => socket.onopen = resolve);
    socket.send('{"method":"surprise"}');
    await new Promise((resolve) => socket.onclose = resolve);
    await server.stop();
    match(server.stderr(), expected);
  }
});

Deno.test("what a client makes up cannot forge a line of the log", async () => {
  await using server = await startServer();
  await using client = await openClient(server.url);
  const processId = 'x\n2026-01-01T00:00:00.000Z INFO  forged=1 \u001b[31m\u009b"\\';
  await collect(await client.start(startParams(processId, ["true"])));
  await server.stop();
  ok(
    server.stderr().split("\n").every((line) =>
      line === "" || /^\S+Z [A-Z]+ +(server|connection|session|process) /.test(line)
    ),
  );
  // deno-lint-ignore no-control-regex
  ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(server.stderr()));
});

Deno.test("a log whose reader has gone or stopped holds nothing up", async () => {
  for (const reader of ["gone", "stopped"]) {
    const [program, ...first] = serverCommand();
    const server = new Deno.Command(program!, { args: [...first, "serve"], stdout: "piped", stderr: "piped" })
      .spawn();
    const { value: line = "" } = await server.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    if (reader === "gone") await server.stderr.cancel();
    // Each leaves two lines, and a pipe holds 64 KiB of them.
    for (let i = 0; i < 500; i++) {
      const { status } = await rawRequest(line.trim(), get("/", { Host: "localhost", ...upgradeHeaders }));
      strictEqual(status, 101);
    }
    server.kill("SIGTERM");
    strictEqual((await server.status).code, 0, reader);
    if (reader === "stopped") await server.stderr.cancel();
  }
});

// ---------------------------------------------------------------- a client by hand

function handshake(url: string): Uint8Array {
  const lines = [
    "GET / HTTP/1.1",
    `Host: ${new URL(url).host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return new TextEncoder().encode([...lines, "", ""].join("\r\n"));
}

const flood = [
  { id: 1, method: "initialize", params: { clientName: "deaf" } },
  { method: "initialized" },
  { id: 2, method: "process/start", params: { ...startParams("p", ["yes"]) } },
];

/** A masked text frame; the mask is zero. */
function textFrame(message: unknown): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(message));
  return new Uint8Array([0x81, 0xfe, bytes.length >> 8, bytes.length & 0xff, 0, 0, 0, 0, ...bytes]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
