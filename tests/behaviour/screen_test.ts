import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { ParamsSent } from "../../src/protocol/methods.ts";
import { openClient, startParams } from "../support/client.ts";
import { startServer } from "../support/server_process.ts";
import {
  terminalEnvironment as environment,
  TerminalProgram as Program,
} from "../support/terminal_program.ts";

/** What a test needs. */
interface TestNeeds {
  /** A program that is not on every machine. */
  program?: string;
}

/** A test with a server and a client on it. */
function screenTest(
  name: string,
  body: (client: ExecServerClient) => Promise<void>,
  needs: TestNeeds = {},
): void {
  const folders = environment.PATH.split(":");
  const ignore = needs.program !== undefined &&
    !folders.some((folder) => existsSync(`${folder}/${needs.program}`));
  Deno.test({
    name,
    ignore,
    async fn() {
      await using server = await startServer();
      await using client = await openClient(server.url);
      await body(client);
    },
  });
}

screenTest("a screen shows what a program printed, and after which event", async (client) => {
  ok(client.can("processScreen"));
  const program = await Program.start(client, [
    "sh",
    "-c",
    "printf 'one\\r\\n你好 😀\\r\\n\\033]0;name\\007end'",
  ]);
  const seq = await program.end();
  const screen = await program.look();
  deepEqual(screen, {
    format: "text",
    seq,
    size: { rows: 24, cols: 80 },
    cursor: { row: 2, col: 3, visible: true },
    title: "name",
    alternateScreen: false,
    scrollback: { included: 0, available: 0 },
    missedBytes: 0,
    lines: ["one", "你好 😀", "end", ...Array(21).fill("")],
    above: [],
  });
});

screenTest("a screen can be looked at again and again while the program goes on", async (client) => {
  const program = await Program.start(client, ["sh", "-c", 'while read -r line; do echo "got $line"; done']);
  for (let i = 0; i < 30; i++) {
    await program.type(`${i}\r`);
    await program.see(({ lines }) => lines.includes(`got ${i}`));
  }
  const { scrollback, above } = await program.look(3);
  // 60 lines and the cursor's own, of which 24 are on the screen.
  deepEqual(scrollback, { included: 3, available: 37 });
  deepEqual(above, ["17", "got 17", "18"]);
  await program.type("\x04");
  await program.end();
});

screenTest("an editor is seen on the alternate screen, and gone after it ended", async (client) => {
  const program = await Program.start(client, ["vim", "--clean", "-n", "+set nomodeline noshowcmd"]);
  await program.see(({ alternateScreen, lines }) => alternateScreen && lines[1] === "~");
  await program.type("ihello\rworld\x1b");
  const screen = await program.see(({ lines, cursor }) => lines[1] === "world" && cursor.col === 4);
  equal(screen.lines[0], "hello");
  equal(screen.lines[2], "~");
  equal(screen.cursor.row, 1);
  await program.type(":q!\r");
  await program.end();
  equal((await program.look()).alternateScreen, false);
}, { program: "vim" });

screenTest("a resize is seen on the screen, by the program and in the answer", async (client) => {
  const script = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.1; done";
  const program = await Program.start(client, ["sh", "-c", script], { size: { rows: 10, cols: 40 } });
  deepEqual((await program.see(({ lines }) => lines[0] === "10 40")).size, { rows: 10, cols: 40 });
  await program.resize(5, 132);
  const after = await program.see(({ lines }) => lines.includes("5 132"));
  deepEqual(after.size, { rows: 5, cols: 132 });
  equal(after.lines.length, 5);
  await program.end();
});

screenTest("lines that were printed at one size are laid out anew at another", async (client) => {
  const script = "printf '%060d\\n' 7; read -r line";
  const program = await Program.start(client, ["sh", "-c", script], { size: { rows: 5, cols: 40 } });
  await program.see(({ cursor }) => cursor.row === 2);
  await program.resize(5, 80);
  equal((await program.look()).lines[0], "7".padStart(60, "0"));
  await program.type("\r");
  await program.end();
});

screenTest("escape codes of a screen paint it into another terminal", async (client) => {
  const program = await Program.start(client, [
    "sh",
    "-c",
    "seq 40; printf '\\033[1;31mred\\033[m\\033[?25l'",
  ]);
  await program.end();
  const text = await program.ansi(2);
  const copy = await Program.start(client, ["sh", "-c", 'stty raw; printf %s "$1"', "sh", text]);
  await copy.end();
  const [original, painted] = [await program.look(2), await copy.look(2)];
  deepEqual(painted.lines, original.lines);
  deepEqual(painted.above, original.above);
  deepEqual(painted.cursor, original.cursor);
});

screenTest("a flood leaves the end of itself on the screen and tells what was missed", async (client) => {
  const program = await Program.start(client, ["sh", "-c", "yes | head -c 3000000; echo the end"]);
  const looks = (async () => {
    for (;;) if ((await program.look()).lines.includes("the end")) return;
  })();
  await program.end();
  await looks;
  const screen = await program.look(1);
  equal(screen.lines[22], "the end");
  deepEqual(screen.above, ["y"]);
  deepEqual(screen.scrollback, { included: 1, available: 1_000 });
  ok(screen.missedBytes < 4_500_000 - 1024 * 1024, `${screen.missedBytes}`);
});

screenTest("a screen that is first looked at after a flood tells what it missed", async (client) => {
  // On a terminal each of these lines has a byte more.
  const program = await Program.start(client, ["sh", "-c", "yes | head -c 4000000; echo the end"]);
  await program.end();
  const screen = await program.look();
  ok(screen.missedBytes >= 6_000_000 - 3 * 1024 * 1024, `${screen.missedBytes}`);
  ok(screen.missedBytes < 6_000_000, `${screen.missedBytes}`);
  equal(screen.lines[22], "the end");
});

screenTest("Ctrl-C is answered while a flood is looked at", async (client) => {
  const program = await Program.start(client, ["sh", "-c", "yes; echo ended"]);
  await program.see(({ lines }) => lines[0] === "y");
  const looks = Promise.all(Array.from({ length: 20 }, () => program.look()));
  await program.type("\x03");
  await program.end();
  await looks;
  match((await program.look()).lines.join("\n"), /\^C/);
});

/** Asks a terminal and prints what it says, or nothing when there is no answer. */
function asking(question: string, end: string, wait = 10): string[] {
  const script =
    `stty -echo; printf '${question}'; IFS= read -rs -d ${end} -t ${wait} answer; printf '<%q>' "$answer"`;
  return ["bash", "-c", script];
}

const questions = [
  { about: "its cursor", question: "ab\\033[6n", end: "R", answer: "\\E[1;3" },
  { about: "what it is", question: "\\033[c", end: "c", answer: "\\E[?1;2" },
  { about: "a mode", question: "\\033[?2004h\\033[?2004$p", end: "y", answer: "\\E[?2004;1$" },
  { about: "its size", question: "\\033[18t", end: "t", answer: "\\E[8;24;80" },
  { about: "a colour", question: "\\033]4;196;?\\a", end: "$'\\a'", answer: "\\E]4;196;rgb:ffff/0000/0000" },
  {
    about: "its colours",
    question: "\\033]10;?;?\\033\\\\",
    end: "$'\\\\'",
    answer: "\\E]10;rgb:d0d0/d0d0/d0d0\\E",
  },
];

screenTest("a program that asks its terminal is answered where its client wants that", async (client) => {
  ok(client.can("processScreenAnswers"));
  for (const { about, question, end, answer } of questions) {
    const program = await Program.start(client, asking(question, end), { screen: { answers: true } });
    await program.end();
    equal((await program.look()).lines.join("").replace(/^ab/, ""), `<$'${answer}'>`, about);
  }
});

screenTest("a program is answered by nobody where its client says nothing", async (client) => {
  for (const screen of [undefined, null, {}, { answers: false }]) {
    const program = await Program.start(client, asking("\\033[c", "c", 1), { screen });
    // Nor does a look answer what was asked before.
    await program.look();
    await program.end();
    equal((await program.look()).lines[0], "<''>");
  }
});

screenTest("a question is answered once, whoever looks, and also behind a flood", async (client) => {
  const script = "stty -echo raw; yes | head -c 3000000; printf '\\033[c'; sleep 0.5; printf '\\033[c'; " +
    "head -c 14 | od -c | head -1; timeout 1 cat | wc -c";
  const program = await Program.start(client, ["sh", "-c", script], { screen: { answers: true } });
  const looks = (async () => {
    for (let i = 0; i < 20; i++) await program.look();
  })();
  await program.end();
  await looks;
  const text = (await program.look()).lines.join("\n");
  match(text, /033 {3}\[ {3}\? {3}1 {3}; {3}2 {3}c 033 {3}\[ {3}\? {3}1 {3}; {3}2 {3}c/);
  match(text, /\n *0\n/);
});

screenTest("a screen is refused where there is none", async (client) => {
  const screen = (params: unknown) =>
    client.call("process/screen", params as ParamsSent<"process/screen">).then(
      () => "answered",
      ({ code, message }) => `${code} ${message}`,
    );
  equal(await screen({ processId: "none", format: "text" }), "-32600 unknown process id none");
  await client.start(startParams("pipe", ["cat"], { pipeStdin: true }));
  equal(
    await screen({ processId: "pipe", format: "text" }),
    "-32600 process pipe has no terminal, so there is no screen to show",
  );
  await client.start(startParams("tty", ["cat"], { tty: true }));
  match(await screen({ processId: "tty", format: "html" }), /^-32602 .*"format" must be one of "text"/);
  match(await screen({ processId: "tty" }), /^-32602 missing field "format"/);
  for (const scrollback of [-1, 1.5, "1", 2 ** 65]) {
    match(
      await screen({ processId: "tty", format: "text", scrollback }),
      /^-32602 field "scrollback" must be/,
    );
  }
});

screenTest("a terminal too large or too narrow has no screen until it is resized", async (client) => {
  for (const size of [{ rows: 65_535, cols: 65_535 }, { rows: 24, cols: 1 }]) {
    const program = await Program.start(client, ["cat"], { size });
    await rejects(program.look(), {
      code: -32600,
      message: /^no screen is kept of a terminal of \d+ rows and/,
    });
    await program.resize(3, 20);
    await program.type("back\r");
    await program.see(({ lines }) => lines[1] === "back");
    await program.type("\x04");
    await program.end();
  }
});
