import { deepEqual, match } from "node:assert/strict";
import { existsSync } from "node:fs";
import { runCommand } from "../support/command.ts";
import { openClient, startParams } from "../support/client.ts";
import { serverCommand, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { TerminalProgram } from "../support/terminal_program.ts";

/** What the program itself answers to a script. */
async function complete(...words: string[]): Promise<string[]> {
  const { text } = await runCommand(["complete", "fish", "--", ...words]);
  return text.split("\n").slice(0, -1).map((line) => line.replace(/\t.*/, ""));
}

Deno.test("completions are of the place where the cursor is", async () => {
  deepEqual(await complete("ru"), ["run"]);
  deepEqual(await complete("--v"), ["--version"]);
  deepEqual(await complete("help", "do"), ["doctor"]);
  deepEqual(await complete("completions", ""), ["bash", "zsh", "fish"]);
  deepEqual(await complete("serve", "--log-level", ""), ["off", "error", "warn", "info", "debug"]);
  deepEqual(await complete("serve", "--log-level=d"), ["--log-level=debug"]);
  deepEqual(await complete("serve", "--ws-auth", "s"), ["signed-bearer-token"]);
  deepEqual(await complete("serve", "--ws-token-file", ""), [":files"]);
  deepEqual(await complete("run", "--cwd", ""), [":directories"]);
  deepEqual(await complete("run", "--json", "--js"), []);
  deepEqual(await complete("run", "-e", "A=1", "--en"), ["--environment", "--env", "--env-file"]);
  deepEqual(await complete("run", "-t", "--tt"), []);
  deepEqual((await complete("run", "-")).filter((word) => /^-\w$/.test(word)), [
    "-j",
    "-w",
    "-e",
    "-t",
    "-u",
    "-d",
    "-n",
    "-i",
    "-h",
  ]);
  deepEqual(await complete("run", "-t", "--", "l"), [":command 3"]);
  deepEqual(await complete("run", "l"), [":command 1"]);
  deepEqual(await complete("run", "-e", "A=1", "git", "ch"), [":command 3"]);
  deepEqual(await complete("serve", "x", ""), []);
  deepEqual(await complete("frob", ""), []);
});

Deno.test("names of the user's machines are completed", async () => {
  await using folder = new TempFolder();
  Deno.writeTextFileSync(
    `${folder.path}/environments.toml`,
    '[[environments]]\nid = "build"\nurl = "ws://127.0.0.1:1"\n',
  );
  for (const words of [["--environment", ""], ["--environment="]]) {
    const { text } = await runCommand(["complete", "zsh", "--", "run", ...words], {
      env: { CODEX_HOME: folder.path },
    });
    const prefix = words[0]!.endsWith("=") ? words[0] : "";
    deepEqual(text, `${prefix}build\tws://127.0.0.1:1\n${prefix}local\tthis machine\n`);
  }
});

Deno.test("names of a server's processes are completed, and nothing is where no server is", async () => {
  await using server = await startServer();
  await using client = await openClient(server.url);
  await client.start(startParams("p", ["sleep", "1000"], { name: "build" }));
  deepEqual(await complete("logs", "--url", server.url, ""), ["build"]);
  deepEqual(await complete("kill", `--url=${server.url}`, "build", "b"), ["build"]);
  deepEqual(await complete("export", `--url=${server.url}`, "build", ""), [":files"]);
  deepEqual(await complete("wait", `--url=${server.url}`, "build", ""), []);
  deepEqual(await complete("attach", "--url", "ws://127.0.0.1:1", ""), []);
});

/** What is typed before Tab, and what the line becomes. */
const lines: [typed: string, line: RegExp][] = [
  ["exec-server ru", /exec-server run $/],
  ["exec-server serve --log-l", /exec-server serve --log-level $/],
  ["exec-server serve --log-level de", /--log-level debug $/],
  ["exec-server serve --log-level=de", /--log-level=debug ?$/],
  ["exec-server serve --ws-token-file tok", /--ws-token-file token\.txt $/],
  ["exec-server run --cwd ru", /--cwd run\/$/],
  ["exec-server run -- unusual-na", /run -- unusual-name $/],
  ["exec-server run -t unusual-na", /run -t unusual-name $/],
  ["exec-server run -- cat tok", /cat token\.txt $/],
];

const shells: Record<string, { argv: string[]; load: string }> = {
  bash: {
    argv: ["bash", "--norc", "--noprofile", "-i"],
    load: 'PS1="> "; source <(exec-server completions bash)',
  },
  zsh: {
    argv: ["zsh", "-f", "-i"],
    load: 'PS1="> "; autoload -Uz compinit; compinit -u -D; source <(exec-server completions zsh)',
  },
  fish: {
    argv: ["fish", "--no-config", "-i"],
    load: 'function fish_prompt; echo -n "> "; end; exec-server completions fish | source',
  },
};

for (const [shell, { argv, load }] of Object.entries(shells)) {
  Deno.test({
    name: `${shell} completes what is typed`,
    ignore: !["/bin", "/usr/bin"].some((folder) => existsSync(`${folder}/${shell}`)),
    async fn() {
      await using folder = new TempFolder();
      Deno.mkdirSync(`${folder.path}/run`);
      Deno.writeTextFileSync(`${folder.path}/token.txt`, "");
      Deno.mkdirSync(`${folder.path}/bin`);
      const quoted = serverCommand().map((word) => `'${word}'`).join(" ");
      Deno.writeTextFileSync(`${folder.path}/bin/exec-server`, `#!/bin/sh\nexec ${quoted} "$@"\n`, {
        mode: 0o755,
      });
      Deno.writeTextFileSync(`${folder.path}/bin/unusual-name`, "#!/bin/sh\n", { mode: 0o755 });
      const env = {
        PATH: `${folder.path}/bin:${Deno.env.get("PATH")}`,
        TERM: "xterm-256color",
        HOME: folder.path,
        LC_ALL: "C.UTF-8",
      };
      await using server = await startServer();
      await using client = await openClient(server.url);
      const program = await TerminalProgram.start(client, argv, {
        env,
        cwd: `file://${folder.path}`,
        screen: { answers: true },
        size: { rows: 40, cols: 160 },
      });
      const now = async (line: RegExp) => {
        // A blank at the end is told by where the cursor is.
        await program.see(({ lines, cursor }) =>
          line.test((lines[cursor.row] ?? "").padEnd(cursor.col).slice(0, cursor.col))
        );
      };
      await program.type(`${load}; echo loa""ded\r`);
      await program.see(({ lines }) => lines.some((line) => line === "loaded"));
      for (const [typed, line] of lines) {
        await program.type("\x15");
        await now(/> $/);
        await program.type(`${typed}\t`);
        await now(line);
      }
      await program.type("\x15exit\r");
      await program.end();
    },
  });
}

Deno.test("a script that is not one of a shell is told the shells", async () => {
  match(
    (await runCommand(["completions", "tcsh"])).stderr,
    /^exec-server: completions takes one of bash, zsh, fish\n$/,
  );
});
