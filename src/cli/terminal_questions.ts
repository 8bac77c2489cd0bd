/** Questions to the person at the terminal, one after the other, whatever they are about. */
import { Buffer } from "node:buffer";
import { close, open, read, write } from "node:fs";
import { promisify } from "node:util";
import { UsageError } from "./usage_error.ts";

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

/** What somebody says: this time, or for ever. */
export type Said = "yes" | "no" | "always" | "never";

/** @throws {UsageError} where there is no terminal, with what to do instead */
export async function needTerminal(flag: string, remedy: string): Promise<void> {
  const file = await openFile(terminal, "r+").catch(() => {
    throw new UsageError(`${flag} needs a terminal to ask at: ${remedy}`);
  });
  await closeFile(file);
}

let last: Promise<unknown> = Promise.resolve();

/** Does something that may ask, when nobody else does any more. */
export function inTurn<T>(action: () => T | Promise<T>): Promise<T> {
  const done = last.then(action);
  last = done.catch(() => {});
  return done;
}

/**
 * Asks until there is an answer; the end of the terminal is a no.
 *
 * @param question what is wanted, without what drives a terminal, and the words for an answer that holds for ever
 */
export async function askPerson(question: string, forEver = "[a]lways, ne[v]er"): Promise<Said> {
  const file = await openFile(terminal, "r+");
  try {
    for (;;) {
      await writeFile(file, `exec-server: ${question}. [y]es, [n]o, ${forEver}? `);
      const line = await readLine(file);
      const said = line === undefined ? "no" : answers.get(line.trim().toLowerCase());
      if (said) return said;
    }
  } finally {
    await closeFile(file);
  }
}

const answers = new Map<string, Said>([
  ["y", "yes"],
  ["yes", "yes"],
  ["n", "no"],
  ["no", "no"],
  ["a", "always"],
  ["always", "always"],
  ["v", "never"],
  ["never", "never"],
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
