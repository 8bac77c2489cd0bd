import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { existsSync } from "node:fs";
import { runCommand } from "../support/command.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A command line that cannot be followed, and the one line that says why. */
const mistakes: [args: string[], line: RegExp][] = [
  [["frob"], /^Unknown command "frob"; exec-server --help lists them$/],
  [["srve"], /^Unknown command "srve"; did you mean "serve"\?$/],
  [["exec", "ls"], /^Unknown command "exec"; did you mean "run"\?$/],
  [["Start"], /^Unknown command "Start"; did you mean "serve"\?$/],
  [["help", "ru"], /^Unknown command "ru"; did you mean "run"\?$/],
  [["help", "run", "serve"], /^"help" takes one command, not also "serve"$/],
  [["run", "-url=ws://h:1", "true"], /^Unknown flag "-url" for "run"; did you mean "--url"\?$/],
  [["run", "-x", "true"], /^Unknown flag "-x" for "run"; exec-server run --help lists them$/],
  [["run", "-tx", "true"], /^Unknown flag "-x" for "run"; exec-server run --help lists them$/],
  [["--verson"], /^Unknown flag "--verson"; did you mean "--version"\?$/],
  [["-v"], /^Unknown flag "-v"; did you mean "--version"\?$/],
  [["serve", "--port", "80"], /^Unknown flag "--port" for "serve"; did you mean "--listen"\?$/],
  [["serve", "-p", "80"], /^Unknown flag "-p" for "serve"; did you mean "--listen"\?$/],
  [["run", "-C", "/", "true"], /^Unknown flag "-C" for "run"; did you mean "--cwd"\?$/],
  [["run", "-te"], /^Flag "--env" needs a value: --env K=V$/],
  [
    ["run", "--frobnicate", "true"],
    /^Unknown flag "--frobnicate" for "run"; exec-server run --help lists them$/,
  ],
  [["--listen", "stdio"], /^Unknown flag "--listen"; a command comes first, such as "serve"$/],
  [["serve", "--lisen", "stdio"], /^Unknown flag "--lisen" for "serve"; did you mean "--listen"\?$/],
  [["run", "--jso", "--", "true"], /^Unknown flag "--jso" for "run"; did you mean "--json"\?$/],
  [
    ["serve", "--listen"],
    /^Flag "--listen" needs a value: --listen ws:\/\/IP:PORT\|wss:\/\/IP:PORT\|unix:\/PATH\|stdio$/,
  ],
  [["run", "--cwd", "--", "true"], /^Flag "--cwd" needs a value: --cwd DIR$/],
  [["run", "-e"], /^Flag "--env" needs a value: --env K=V$/],
  [["run", "--json=yes", "--", "true"], /^Flag "--json" takes no value$/],
  [["run", "--cwd=/", "--cwd=/tmp", "--", "true"], /^Flag "--cwd" is given more than once$/],
  [["run"], /^run needs a command: exec-server run \[FLAGS\] -- CMD \[ARG\.\.\.\]$/],
  [["run", "--json", "--"], /^run needs a command/],
  [["run", "--", ""], /^run needs a command/],
  [["run", "--env", "A", "--", "true"], /^--env takes K=V, not "A"$/],
  [["run", "--env", "=A", "--", "true"], /^--env takes K=V, not "=A"$/],
  [["run", "--timeout", "soon", "--", "true"], /^Flag "--timeout" needs a duration such as .*, not "soon"$/],
  [["run", "--timeout=-1s", "--", "true"], /^Flag "--timeout" needs a duration such as .*, not "-1s"$/],
  [
    ["run", "--url", "http://h", "--", "true"],
    /^--url takes ws:\/\/HOST:PORT, wss:\/\/HOST:PORT or unix:\/PATH, not "http:\/\/h"; did you mean ws:\/\/h\?$/,
  ],
  [
    ["run", "--url", "h:80", "--", "true"],
    /^--url takes ws:\/\/HOST:PORT, wss:\/\/HOST:PORT or unix:\/PATH, not "h:80"; did you mean ws:\/\/h:80\?$/,
  ],
  [["run", "--token-file", "/dev/null", "--", "true"], /^--token-file is for a server that --url names$/],
  [["serve", "stdio"], /^"serve" takes no argument "stdio"$/],
  [["serve", "--log-level", "loud"], /^--log-level takes off, error, warn, info, debug, not "loud"$/],
  [["serve", "--log-format", "xml"], /^--log-format takes text, json, not "xml"$/],
  [
    ["serve", "--concurrent-requests", "0"],
    /^--concurrent-requests takes a whole number of at least 1, not "0"$/,
  ],
  [["serve", "--concurrent-requests=1.5"], /^--concurrent-requests takes a whole number of at least 1/],
];

for (const [args, line] of mistakes) {
  Deno.test(`"${args.join(" ")}" is told in one line, with status 2`, async () => {
    const { code, text, stderr } = await runCommand(args);
    strictEqual(code, 2);
    strictEqual(text, "");
    ok(/^exec-server: [^\n]+\n$/.test(stderr), stderr);
    match(stderr.slice("exec-server: ".length, -1), line);
  });
}

Deno.test("help is printed on every way of asking for it", async () => {
  const program = await runCommand(["--help"]);
  strictEqual(program.code, 0);
  match(program.text, /Usage: exec-server COMMAND/);
  const same = await Promise.all([runCommand([]), runCommand(["-h"]), runCommand(["help"])]);
  for (const { code, text, stderr } of same) deepStrictEqual([code, text, stderr], [0, program.text, ""]);
  for (const name of ["serve", "run"]) {
    const { code, text } = await runCommand([name, "--help"]);
    strictEqual(code, 0);
    match(text, new RegExp(`Usage: exec-server ${name} \\[FLAGS\\]`));
    const others = await Promise.all([runCommand([name, "-h"]), runCommand(["help", name])]);
    for (const other of others) deepStrictEqual([other.code, other.text], [0, text]);
  }
});

Deno.test("the version is printed on every way of asking for it", async () => {
  const { code, text } = await runCommand(["--version"]);
  strictEqual(code, 0);
  match(text, /^exec-server \d+\.\d+\.\d+\S* \(\w+, (deno|bun|node) \S+, .+\)\n$/);
  for (const { text: same } of await Promise.all([runCommand(["-V"]), runCommand(["version"])])) {
    strictEqual(same, text);
  }
});

Deno.test("what follows -- is the command's own, even what looks like a flag", async () => {
  const { code, text } = await runCommand([
    "run",
    "--",
    "printf",
    "%s|",
    "--help",
    "-e",
    "--",
    "--url=x",
    "",
  ]);
  strictEqual(code, 0);
  strictEqual(text, "--help|-e|--|--url=x||");
});

Deno.test("the command may follow the flags without --", async () => {
  const { text } = await runCommand(["run", "--env", "A=1", "sh", "-c", 'echo "$A" "$0"', "--json"]);
  strictEqual(text, "1 --json\n");
});

Deno.test("letters behind one dash are flags of their own, and what follows a flag's value is the value", async () => {
  const { code, text } = await runCommand(["run", "-ine", "A=1", "-eB=2", "sh", "-c", 'echo "$A$B"']);
  deepStrictEqual([code, text], [0, "12\n"]);
});

Deno.test("the manual page is one that man takes without a warning", async () => {
  const { code, text } = await runCommand(["man"]);
  strictEqual(code, 0);
  for (const title of ["EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"]) {
    match(text, new RegExp(`^\\.SH "?${title}"?$`, "m"));
  }
  if (!existsSync("/usr/bin/man")) return;
  await using folder = new TempFolder();
  const page = await folder.write("exec-server.1", text);
  const { stdout, stderr } = await new Deno.Command("man", {
    args: ["--warnings", "-l", page],
    env: { MANWIDTH: "80", MANPAGER: "cat" },
  }).output();
  strictEqual(new TextDecoder().decode(stderr), "");
  match(new TextDecoder().decode(stdout), /128\+N +For run: signal N ended the command/);
});
