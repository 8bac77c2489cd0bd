import { Buffer } from "node:buffer";
import { close, open, read, write } from "node:fs";
import { promisify } from "node:util";
import type { NetworkAnswer, NetworkDecider, NetworkQuestion } from "../client/network_deciders.ts";
import { UsageError } from "./usage_error.ts";
import { visibleText } from "./visible_text.ts";

const terminal = "/dev/tty";
const [openFile, closeFile, readFile, writeFile] = [open, close, read, write].map((call) =>
  promisify(call)
) as unknown as [
  (path: string, flags: string) => Promise<number>,
  (file: number) => Promise<void>,
  (file: number, buffer: Uint8Array, offset: number, length: number, at: null) => Promise<
    { bytesRead: number }
  >,
  (file: number, text: string) => Promise<unknown>,
];

const protocols: Record<NetworkQuestion["protocol"], string> = {
  http: "HTTP",
  https_connect: "a tunnel for HTTPS",
  socks5_tcp: "a connection",
};

/**
 * Asks a person at the terminal, one question after the other, and remembers what is to be always so.
 *
 * @throws {UsageError} where there is no terminal
 */
export async function askAtTerminal(): Promise<NetworkDecider> {
  const file = await openFile(terminal, "r+").catch(() => {
    throw new UsageError("--ask-network needs a terminal to ask at: name the hosts by --allow-domain");
  });
  await closeFile(file);
  const remembered = new Map<string, NetworkAnswer>();
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(() => remembered.get(keyOf(question)) ?? ask(question, remembered));
    last = answer.catch(() => {});
    return answer;
  };
}

function keyOf({ host, port }: NetworkQuestion): string {
  return `${host} ${port}`;
}

async function ask(
  question: NetworkQuestion,
  remembered: Map<string, NetworkAnswer>,
): Promise<NetworkAnswer> {
  const { protocol, host, port } = question;
  const file = await openFile(terminal, "r+");
  try {
    // What the command names is not to drive the terminal.
    const what = visibleText(`${protocols[protocol]} to ${host}, port ${port}`);
    for (;;) {
      await writeFile(file, `exec-server: the command wants ${what}. [y]es, [n]o, [a]lways, ne[v]er? `);
      const said = await readLine(file);
      const known = said === undefined ? "n" : answers.get(said.trim().toLowerCase());
      if (known === undefined) continue;
      const answer: NetworkAnswer = known === "y" || known === "a"
        ? { allow: true }
        : { allow: false, reason: "denied by the user" };
      if (known === "a" || known === "v") remembered.set(keyOf(question), answer);
      return answer;
    }
  } finally {
    await closeFile(file);
  }
}

const answers = new Map([
  ...["y", "yes"].map((word) => [word, "y"] as const),
  ...["n", "no"].map((word) => [word, "n"] as const),
  ...["a", "always"].map((word) => [word, "a"] as const),
  ...["v", "never"].map((word) => [word, "v"] as const),
]);

/** A line that was typed; undefined at the end of the terminal. */
async function readLine(file: number): Promise<string | undefined> {
  const buffer = Buffer.alloc(256);
  let line = "";
  while (!line.includes("\n")) {
    const { bytesRead } = await readFile(file, buffer, 0, buffer.length, null);
    if (bytesRead === 0) return line === "" ? undefined : line;
    line += buffer.toString("utf8", 0, bytesRead);
  }
  return line;
}
