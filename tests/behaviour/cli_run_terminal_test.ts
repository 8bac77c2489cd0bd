/** `run -t`, driven as a person would: on a terminal of another server, key by key. */
import { match, strictEqual as is } from "node:assert/strict";
import { createHash } from "node:crypto";
import process from "node:process";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { RemoteProcess } from "../../src/client/remote_process.ts";
import { asProcessId } from "../../src/protocol/ids.ts";
import { openClient, startParams, textOf } from "../support/client.ts";
import { serverCommand, type ServerProcess, startServer } from "../support/server_process.ts";

let server: ServerProcess;
let client: ExecServerClient;

Deno.test.beforeAll(async () => {
  server = await startServer({ args: ["--log-level", "off"] });
  client = await openClient(server.url);
});

Deno.test.afterAll(async () => {
  client.close();
  await server.stop();
});

/** A promise that is rejected after some time, unless it is disposed of before. */
function giveUpAfter(ms: number, reason: () => Error): Disposable & { readonly passed: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(() => reject(reason()), ms);
  return { passed: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}

/** A person at a terminal of 100 columns and 30 rows, in which a script runs that may use `$RUN`. */
async function person(name: string, script: string) {
  const quoted = serverCommand().map((word) => `'${word}'`).join(" ");
  const remote: RemoteProcess = await client.start(
    startParams(name, ["sh", "-c", `RUN="${quoted}"; ${script}`], {
      tty: true,
      size: { rows: 30, cols: 100 },
      env: {
        PATH: process.env.PATH ?? "/usr/bin:/bin",
        HOME: process.env.HOME ?? "/",
        TERM: "xterm-256color",
      },
    }),
  );
  const events = remote[Symbol.asyncIterator]();
  let seen = "";
  let writes = 0;
  return {
    /** Reads on until the terminal has shown something; what came before is forgotten. It gives up in time. */
    async sees(pattern: RegExp): Promise<RegExpExecArray> {
      using limit = giveUpAfter(60_000, () => new Error(`It never showed ${pattern}, only:\n${seen}`));
      for (;;) {
        const found = pattern.exec(seen);
        if (found) {
          seen = seen.slice(found.index + found[0].length);
          return found;
        }
        const { value } = await Promise.race([events.next(), limit.passed]);
        if (value?.kind === "closed") throw new Error(`It ended before ${pattern}:\n${seen}`);
        if (value?.kind === "output") seen += textOf(value.bytes);
      }
    },
    async types(keys: string): Promise<void> {
      const chunk = new TextEncoder().encode(keys).toBase64();
      await client.call("process/write", { processId: remote.id, chunk, writeId: String(++writes) });
    },
    resizes: (rows: number, cols: number) =>
      client.call("process/resize", { processId: asProcessId(name), size: { rows, cols } }),
    leaves: () => client.call("process/terminate", { processId: asProcessId(name) }),
  };
}

Deno.test("run -t passes on pasted megabytes, in order and complete", async () => {
  const lines = Array.from({ length: 250_000 }, (_, i) => `${i}`.padStart(7, "0"));
  const text = lines.join("\n") + "\n";
  const sum = createHash("sha256").update(text).digest("hex");
  const user = await person(
    "paste",
    `eval $RUN run -t -- sh -c "'stty raw -echo; echo READY; head -c ${text.length} | sha256sum; sleep 60'"`,
  );
  await user.sees(/READY/);
  for (let at = 0; at < text.length; at += 65_536) await user.types(text.slice(at, at + 65_536));
  is((await user.sees(/([0-9a-f]{64})/))[1], sum);
  await user.leaves();
});

Deno.test("run -t gives a shell with job control, in the size of the terminal it is shown on", async () => {
  const user = await person(
    "shell",
    `eval $RUN run -t -- bash --norc --noprofile; echo "status=$?"; stty -a; sleep 60`,
  );
  await user.sees(/bash\S*[#$] /); // What is typed before the terminal is taken over may be lost.
  await user.types("PS1='> '; stty size; tty\r");
  is((await user.sees(/[\r\n](\d+ \d+)\r\n\/dev\/pts\/\d+/))[1], "30 100");
  // A key that sends a signal reaches only the job that has the terminal by then: each says so.
  await user.types("sh -c 'echo in''terruptible; exec sleep 100'\r");
  await user.sees(/[\r\n]interruptible\r\n/);
  await user.types("\x03");
  await user.sees(/\^C/);
  await user.types("sh -c 'echo sto''ppable; exec sleep 50'\r");
  await user.sees(/[\r\n]stoppable\r\n/);
  await user.types("\x1a");
  await user.sees(/Stopped +sh -c/);
  await user.resizes(25, 90);
  await user.types("until [ \"$(stty size)\" = '25 90' ]; do sleep 0.05; done; echo re''sized\r");
  await user.sees(/[\r\n]resized\r\n/);
  await user.types("exit 5\r");
  await user.sees(/stopped jobs/);
  await user.types("exit 5\r");
  is((await user.sees(/status=(\d+)/))[1], "5");
  // The terminal is as it was: it echoes, edits lines and turns keys into signals again.
  const [settings] = await user.sees(/speed[\s\S]* echok?\b[\s\S]*?\r\n[^\n]*\r\n/);
  match(settings, /[^-]icanon/);
  match(settings, /[^-]isig/);
  match(settings, /[^-]echo\b/);
  match(settings, /[^-]opost/);
  await user.leaves();
});

Deno.test("run -t passes every byte on: an editor is typed in, and writes its file", async () => {
  const folder = await Deno.makeTempDir();
  const user = await person(
    "editor",
    `eval $RUN run -t -- sh -c "'stty raw -echo; echo ready; head -c 6 > ${folder}/keys'"; echo "status=$?"`,
  );
  await user.sees(/ready/);
  await user.types("\x00\x03\x04\x1a\x1b\x7f");
  is((await user.sees(/status=(\d+)/))[1], "0");
  is((await Deno.readFile(`${folder}/keys`)).join(), "0,3,4,26,27,127");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("run -t says so when there is no terminal", async () => {
  const user = await person("none", `eval $RUN run -t -- true < /dev/null; echo "status=$?"`);
  await user.sees(/needs a terminal on standard input/);
  is((await user.sees(/status=(\d+)/))[1], "2");
});

for (
  const [name, end, status] of [
    ["is killed", "kill -9 \\$\\$", 137],
    ["leaves its modes set", "exit 3", 3],
  ] as const
) {
  Deno.test(`run -t gives the terminal back without the modes of a program that ${name}`, async () => {
    const draws = String.raw`printf \"\\033[?1049h\\033[?1003h\\033[?25l\\033[?2004hTUI\"; ${end}`;
    const user = await person(`modes-${status}`, `eval $RUN run -t -- sh -c "'${draws}'"; echo "status=$?"`);
    await user.sees(/\[\?2004hTUI/);
    await user.sees(/\[\?2004l.\[\?25h.\[\?1003l.\[\?1049l/);
    is((await user.sees(/status=(\d+)/))[1], String(status));
  });
}

Deno.test("run -t knows the terminal's size when only its input is the terminal", async () => {
  const user = await person("size", `eval $RUN run -t -- stty size 2>/dev/null | cat; sleep 60`);
  is((await user.sees(/(\d+ \d+)/))[1], "30 100");
  await user.leaves();
});

Deno.test("an escape at the start of a line tells what there is, and ends the command", async () => {
  const user = await person("escape", `eval $RUN run -t -- sh -c "'echo up; exec cat'"; echo "status=$?"`);
  await user.sees(/up/);
  await user.types("~?");
  await user.sees(/~\. +end the command/);
  await user.types("a~.\r~~x\r");
  await user.sees(/a~\.[^]*~x[^]*~x/);
  await user.types("~.");
  is((await user.sees(/status=(\d+)/))[1], "125");
});

Deno.test("with another escape character, or none, the usual one is passed on", async () => {
  const user = await person(
    "escapes",
    `eval $RUN run -t --escape-char none -- sh -c "'echo up; exec cat'"; echo "status=$?"`,
  );
  await user.sees(/up/);
  await user.types("~.\r");
  await user.sees(/~\.[^]*~\./);
  await user.types("\x04");
  is((await user.sees(/status=(\d+)/))[1], "0");
});
