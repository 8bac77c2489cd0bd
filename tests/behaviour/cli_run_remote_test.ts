import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { testModules } from "../../scripts/places.ts";
import { gone, runCommand, RunningCommand, runScript } from "../support/command.ts";
import { get, rawRequest } from "../support/raw_http.ts";
import { codexProgram } from "../support/reference_server.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A server at a known place. */
async function serveAt(url: string): Promise<ServerProcess> {
  return await startServer({ command: [...serverCommand(), "serve", "--listen", url] });
}

Deno.test("it runs on a server that is started already", async () => {
  await using server = await startServer({ cwd: "/usr" });
  const { code, text, stderr } = await runCommand(
    ["run", "--url", server.url, "--", "sh", "-c", "pwd; cat; echo err >&2; exit 5"],
    { stdin: "in" },
  );
  deepStrictEqual([code, text, stderr], [5, "/usr\nin", "err\n"]);
  const { text: other } = await runCommand(["run", "--url", server.url, "--cwd", "bin/..", "--", "pwd"]);
  strictEqual(other, "/usr\n");
});

Deno.test("the command has the server's variables, not this program's", async () => {
  await using server = await startServer({ env: { ...Deno.env.toObject(), OF_SERVER: "1" } });
  const { text } = await runCommand(["run", "--url", server.url, "-e", "OWN=2", "--", "env"], {
    env: { OF_CLIENT: "3" },
  });
  match(text, /^OF_SERVER=1$/m);
  match(text, /^OWN=2$/m);
  ok(!text.includes("OF_CLIENT"));
});

Deno.test("a token lets it in, and no or another one does not", async () => {
  await using folder = new TempFolder();
  const good = await folder.write("token", "s3cret\n");
  const wrong = await folder.write("wrong", "other\n");
  await using server = await startServer({
    args: ["--ws-auth=capability-token", `--ws-token-file=${good}`],
  });
  const flags = ["run", "--url", server.url];
  const entered = await runCommand([...flags, "--token-file", good, "--", "echo", "in"]);
  deepStrictEqual([entered.code, entered.text, entered.stderr], [0, "in\n", ""]);
  for (
    const [none, why] of [
      [["--token-file", wrong], "it does not take this token"],
      [[], "it needs a token, and none was given"],
    ] as const
  ) {
    const { code, text, stderr } = await runCommand([...flags, ...none, "--", "echo", "in"]);
    deepStrictEqual([code, text], [125, ""]);
    strictEqual(
      stderr,
      `exec-server: Cannot connect to ${server.url}: the server answered HTTP 401; ${why}\n`,
    );
  }
  const missing = await runCommand([...flags, "--token-file", `${folder.path}/none`, "--", "true"]);
  strictEqual(missing.code, 2);
  match(missing.stderr, /^exec-server: --token-file: cannot read ".*\/none": No such file or directory/);
});

Deno.test("a server that cannot be reached is told, with status 125", async () => {
  await using server = await startServer();
  await server.stop();
  const { code, text, stderr } = await runCommand(["run", "--url", server.url, "--", "echo", "out"]);
  deepStrictEqual([code, text], [125, ""]);
  match(stderr, /^exec-server: [^\n]*Cannot connect to [^\n]*ECONNREFUSED[^\n]*\n$/);
});

Deno.test("a server that is no exec-server is told, with status 125", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("no", { status: 418 }),
  );
  try {
    const { code, stderr } = await runCommand([
      "run",
      "--url",
      `ws://127.0.0.1:${server.addr.port}`,
      "--",
      "true",
    ]);
    strictEqual(code, 125);
    match(stderr, /^exec-server: [^\n]*HTTP 418[^\n]*\n$/);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a server that goes away for good is told, with status 125", async () => {
  const first = await startServer();
  await using command = new RunningCommand([
    "run",
    "--url",
    first.url,
    "--",
    "sh",
    "-c",
    "echo $$; sleep 1000",
  ]);
  const [, pid] = await command.until(/(\d+)\n/);
  await first.stop("SIGKILL");
  // Whoever answers there next does not know the session, so that nobody has to wait for it to come back.
  try {
    await using _ = await serveAt(first.url);
    strictEqual((await command.ended()).code, 125);
    match(command.text("stderr"), /^exec-server: connection lost[^\n]*\nexec-server: [^\n]+\n$/);
  } finally {
    Deno.kill(-Number(pid), "SIGKILL"); // Nobody else does: its server is gone.
  }
});

Deno.test("a server that ends in order takes the command along", async () => {
  await using server = await startServer();
  await using command = new RunningCommand([
    "run",
    "--url",
    server.url,
    "--",
    "sh",
    "-c",
    "echo $$; sleep 1000",
  ]);
  const [, pid] = await command.until(/(\d+)\n/);
  await server.stop();
  await gone(Number(pid));
  await using _ = await serveAt(server.url);
  ok([125, 137].includes((await command.ended()).code));
});

Deno.test("a run that is killed leaves its session to the server, and no connection", async () => {
  await using server = await startServer();
  const command = new RunningCommand(["run", "--url", server.url, "--", "sh", "-c", "echo up; sleep 1000"]);
  await command.until(/up\n/);
  command.kill("SIGKILL");
  await command.ended();
  while (!server.stderr().includes("connection closed")) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  strictEqual((await rawRequest(server.url, get("/readyz", { Host: "localhost" }))).status, 200);
});

// ---------------------------------------------------------------- the reference server

/** Runs a step against the server of the Codex CLI. */
function withCodex(name: string, step: (server: ServerProcess) => Promise<void>): void {
  Deno.test({
    name: `on the reference server, ${name}`,
    async fn() {
      // It wants a home of its own outside the system's folder for temporary files.
      const home = await Deno.makeTempDir({ dir: testModules, prefix: ".codex-home-" });
      try {
        await using server = await startServer({
          command: [codexProgram, "exec-server", "--listen", "ws://127.0.0.1:0"],
          env: { ...Deno.env.toObject(), CODEX_HOME: home },
        });
        await step(server);
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

withCodex("a command runs as on ours", async ({ url }) => {
  const flags = ["run", "--url", url];
  const plain = await runCommand([...flags, "--", "sh", "-c", "echo out; echo err >&2; exit 5"]);
  deepStrictEqual([plain.code, plain.text, plain.stderr], [5, "out\n", "err\n"]);
  const input = await runCommand([...flags, "--", "head", "-n", "1"], { stdin: "first\nsecond\n" });
  deepStrictEqual([input.code, input.text], [0, "first\n"]);
  strictEqual((await runCommand([...flags, "--", "cat"])).code, 0);
  strictEqual((await runCommand([...flags, "--clear-env", "-e", "A=1", "--", "/usr/bin/env"])).text, "A=1\n");
  strictEqual((await runCommand([...flags, "--timeout", "200ms", "--", "sleep", "1000"])).code, 124);
  const { text } = await runScript(
    `"$@" run --url ${url} -- head -c 20000000 /dev/zero | cmp -n 20000000 - /dev/zero; echo $?`,
  );
  strictEqual(text, "0\n");
});

withCodex("the status tells why a command did not start", async ({ url }) => {
  const failures: [args: string[], status: number, line: string][] = [
    [["--", "no-such-program"], 127, 'Cannot run "no-such-program": No such file or directory'],
    [["--", "/etc/passwd"], 126, 'Cannot run "/etc/passwd": Permission denied'],
    [["--", "/etc"], 126, 'Cannot run "/etc": Permission denied'],
    [["--cwd", "/no/such", "--", "true"], 125, 'Cannot start in "/no/such": No such file or directory'],
    [["--cwd", "/etc/passwd", "--", "true"], 125, 'Cannot start in "/etc/passwd": Not a directory'],
  ];
  for (const [args, status, line] of failures) {
    const { code, text, stderr } = await runCommand(["run", "--url", url, ...args]);
    deepStrictEqual([code, text, stderr], [status, "", `exec-server: ${line}\n`]);
  }
});

withCodex("input that stays open or has ended holds nothing up that can be helped", async ({ url }) => {
  await using open = new RunningCommand(["run", "--url", url, "--", "echo", "out"]);
  strictEqual((await open.ended()).code, 0);
  await using ended = new RunningCommand(["run", "--url", url, "--", "cat"]);
  await ended.write("in\n");
  await ended.until(/in\n/);
  await ended.closeStdin();
  await ended.until(/^exec-server: This server cannot tell a command that its input has ended/, "stderr");
  ended.kill("SIGINT");
  strictEqual((await ended.ended()).code, 130);
});

withCodex("signals arrive, as far as it knows them", async ({ url }) => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 137]] as const) {
    await using command = new RunningCommand([
      "run",
      "--url",
      url,
      "--",
      "sh",
      "-c",
      "echo up; exec sleep 1000",
    ]);
    await command.until(/up\n/);
    command.kill(signal);
    strictEqual((await command.ended()).code, status);
  }
});

withCodex("an endless command ends when nobody reads its output", async ({ url }) => {
  const { text } = await runScript(`"$@" run --url ${url} -- yes | head -n 1; echo "\${PIPESTATUS[0]}"`);
  strictEqual(text, "y\n141\n");
});

withCodex(
  "a server whose processes cannot be shared is told by every command that would",
  async ({ url }) => {
    for (
      const args of [["ps"], ["logs", "x"], ["attach", "x"], ["kill", "x"], ["wait", "x"], ["screen", "x"], [
        "run",
        "-d",
        "true",
      ]]
    ) {
      const { code, text, stderr } = await runCommand([args[0]!, "--url", url, ...args.slice(1)]);
      deepStrictEqual([code, text], [125, ""], args[0]);
      match(stderr, /^exec-server: this server's processes cannot be shared: [^\n]+\n$/);
    }
  },
);
