import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startParams, textOf } from "../support/client.ts";
import { gone, isAlive, runCommand, RunningCommand, runScript } from "../support/command.ts";

interface Answer {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: { chunk?: string; exitCode?: number };
  readonly result?: Record<string, unknown>;
  readonly error?: { code: number; message: string };
}

const args = ["serve", "--listen", "stdio", "--log-level", "off"];
const initialize = { id: 1, method: "initialize", params: { clientName: "test" } };
const initialized = { method: "initialized" };

function lines(...messages: unknown[]): string {
  return messages.map((message) => JSON.stringify(message) + "\n").join("");
}

function parse(text: string): Answer[] {
  return text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** What a server answers to some input, which then ends. */
async function answers(input: string | Uint8Array): Promise<Answer[]> {
  const { code, text, stderr } = await runCommand(args, { stdin: input });
  strictEqual(code, 0);
  strictEqual(stderr, "");
  ok(text === "" || text.endsWith("\n"));
  return parse(text);
}

Deno.test("one JSON message per line is answered by one line each, and nothing else is on stdout", async () => {
  const all = await answers(lines(initialize, initialized, { id: "two", method: "environment/status" }));
  deepStrictEqual(all.map(({ id }) => id), [1, "two"]);
  match(String(all[0]?.result?.sessionId), /^[0-9a-f-]{36}$/);
  deepStrictEqual(all[1], { id: "two", result: { status: "ready" } });
});

Deno.test("CRLF, blanks around a message and blank lines are fine", async () => {
  const status = `  \t${JSON.stringify({ id: 2, method: "environment/status" })}  \r\n`;
  const input = lines(initialize, initialized).replaceAll("\n", "\r\n") + "\r\n\n   \n" + status;
  deepStrictEqual((await answers(input)).map(({ id }) => id), [1, 2]);
});

Deno.test("garbage is answered, and the next line served", async () => {
  const wrong = ["hello", "[1]", "5", "{", '{"id":{},"method":"x"}', "\u0000", "{}{}"];
  const bytes = new TextEncoder().encode(wrong.join("\n") + "\n");
  const all = await answers(concatBytes(bytes, new Uint8Array([0xff, 0xfe, 0x0a]), lines(initialize)));
  strictEqual(all.length, wrong.length + 2);
  for (const { id, error } of all.slice(0, -1)) deepStrictEqual([id, error?.code], [-1, -32600]);
  strictEqual(all.at(-1)?.id, 1);
});

Deno.test("a last line without its end is not answered", async () => {
  const all = await answers(lines(initialize, initialized) + '{"id":2,"method":"environment/status"}');
  deepStrictEqual(all.map(({ id }) => id), [1]);
});

Deno.test("no input at all is the end", async () => {
  deepStrictEqual(await answers(""), []);
});

Deno.test("a line of 20 MB is taken", async () => {
  const long = { id: 3, method: "environment/status", params: null, unknown: "x".repeat(20_000_000) };
  const all = await answers(lines(initialize, initialized, long, { id: 4, method: "environment/status" }));
  deepStrictEqual(all.map(({ id }) => id), [1, 3, 4]);
});

Deno.test("a line above 64 MiB ends it", async () => {
  await using command = new RunningCommand(args);
  await command.write(lines(initialize));
  await command.until(/\n/);
  await command.write(new Uint8Array(68_000_000).fill(0x20)).catch(() => {}); // It is gone before the end.
  strictEqual((await command.ended()).code, 0);
});

Deno.test("a message may come in pieces, cut in the middle of a character", async () => {
  await using command = new RunningCommand(args);
  const bytes = new TextEncoder().encode(lines({ ...initialize, id: "\u00e9\u{1f600}" }));
  const cut = bytes.indexOf(0xc3) + 1;
  await command.write(bytes.subarray(0, 3));
  await command.write(bytes.subarray(3, cut));
  await command.write(bytes.subarray(cut));
  await command.until(/\n/);
  strictEqual(parse(command.text())[0]?.id, "\u00e9\u{1f600}");
});

Deno.test("a process runs, and its events come between the answers", async () => {
  await using command = new RunningCommand(args);
  const start = {
    id: 2,
    method: "process/start",
    params: startParams("p", ["sh", "-c", "cat; exit 3"], { pipeStdin: true }),
  };
  const write = {
    id: 3,
    method: "process/write",
    params: { processId: "p", chunk: btoa("hello"), writeId: "1" },
  };
  const close = { id: 4, method: "process/closeStdin", params: { processId: "p" } };
  await command.write(lines(initialize, initialized, start, write, close));
  await command.until(/process\/closed/);
  const events = parse(command.text()).filter(({ method }) => method !== undefined);
  deepStrictEqual(events.map(({ method }) => method), ["process/output", "process/exited", "process/closed"]);
  strictEqual(textOf(Uint8Array.fromBase64(events[0]!.params!.chunk!)), "hello");
  strictEqual(events[1]!.params!.exitCode, 3);
});

for (const end of ["closeStdin", "SIGTERM", "SIGINT"] as const) {
  Deno.test(`${end === "closeStdin" ? "the end of input" : end} kills every process and ends it with status 0`, async () => {
    await using command = new RunningCommand(args);
    const pid = await startStubborn(command);
    if (end === "closeStdin") await command.closeStdin();
    else command.kill(end);
    strictEqual((await command.ended()).code, 0);
    await gone(pid);
  });
}

Deno.test("a client that closes its end of stdout has gone", async () => {
  const script = `trap "" TERM; echo $$; while :; do echo x; sleep 0.02; done`;
  const start = { id: 2, method: "process/start", params: startParams("p", ["sh", "-c", script]) };
  const { code, text } = await runScript(
    `
    coproc "$@" ${args.join(" ")}
    server=$COPROC_PID
    exec 5<&"\${COPROC[0]}" 6>&"\${COPROC[1]}"
    eval "exec \${COPROC[0]}<&- \${COPROC[1]}>&-"
    printf '%s' "$INPUT" >&6
    for i in 1 2 3; do read -r line <&5; done
    exec 5<&-
    wait "$server"
    echo $?
  `,
    { env: { INPUT: lines(initialize, initialized, start) } },
  );
  deepStrictEqual([code, text], [0, "0\n"]);
});

Deno.test("a client that does not read holds up neither its end nor a signal", async () => {
  const flood = {
    id: 2,
    method: "process/start",
    params: startParams("p", ["yes"]),
  };
  for (const end of ["exec 6>&-", 'kill "$server"']) {
    const { text } = await runScript(
      `
      coproc "$@" ${args.join(" ")}
      server=$COPROC_PID
      exec 5<&"\${COPROC[0]}" 6>&"\${COPROC[1]}"
      eval "exec \${COPROC[0]}<&- \${COPROC[1]}>&-"
      printf '%s' "$INPUT" >&6
      read -r line <&5
      ${end}
      wait "$server"
      echo $?
    `,
      { env: { INPUT: lines(initialize, initialized, flood) } },
    );
    strictEqual(text, "0\n", end);
  }
});

Deno.test("what would close a socket ends it", async () => {
  await using command = new RunningCommand(args);
  await command.write(lines(initialize, initialized, { method: "surprise" }));
  strictEqual((await command.ended()).code, 0);
});

/** Starts a process that ignores everything but SIGKILL. @returns its pid */
async function startStubborn(command: RunningCommand): Promise<number> {
  const script = 'trap "" TERM INT HUP; echo $$; while :; do sleep 1; done';
  const start = { id: 2, method: "process/start", params: startParams("p", ["sh", "-c", script]) };
  await command.write(lines(initialize, initialized, start));
  const [, chunk = ""] = await command.until(/"chunk":"([^"]+)"/);
  const pid = Number(atob(chunk));
  ok(isAlive(pid));
  return pid;
}

function concatBytes(...parts: (Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) => [...typeof part === "string" ? new TextEncoder().encode(part) : part]),
  );
}
