/** The page of limits: every constant of src/limits.ts with its value, unit and reason. */
import { adjustableNames } from "../../src/adjustable.ts";
import * as limits from "../../src/limits.ts";
import { readDocComments } from "./doc_comments.ts";
import { table } from "./markdown.ts";

const intro = `# Limits

<!-- Made by \`deno task docs\` from src/limits.ts. Change it there. -->

Every limit of the program. They are constants, since a client relies on many of them. Those with a star may be set by
whoever runs the program, with the variable \`EXEC_SERVER_LIMITS\`, as in
\`EXEC_SERVER_LIMITS="SESSIONS=100 PING_INTERVAL_MS=5000" exec-server serve\`: whole numbers, in the unit that is told
here. A name that is none of them, and a value that is no such number, is refused at the start with status 2. The log says
which are set.

What is called the reference server here is \`codex exec-server\`. How a limit shows to a client that meets it stands in
the [protocol reference](protocol.md).`;

/** The page. @throws {Error} for a limit without a doc comment */
export function limitsPage(): string {
  const { constants, headings } = readDocComments(Deno.readTextFileSync("src/limits.ts"));
  const starts = new Map(headings.map(({ heading, before }) => [before, heading]));
  const adjustable = new Set(adjustableNames());
  const sections: { heading: string; rows: string[][] }[] = [];
  for (const [name, { doc }] of constants) {
    if (!Object.hasOwn(limits, name)) continue;
    const heading = starts.get(name);
    if (heading !== undefined) sections.push({ heading, rows: [] });
    if (doc === undefined) throw new Error(`The limit ${name} has no doc comment`);
    const value = limits[name as keyof typeof limits];
    const unit = typeof value === "object" ? "" : unitOf(name, doc);
    const title = `\`${name}\`${adjustable.delete(name) ? " *" : ""}`;
    sections.at(-1)!.rows.push([title, valueText(value, unit), unit, doc.replaceAll("\n", " ")]);
  }
  for (const name of adjustable) {
    throw new Error(`The limit ${name} is adjustable by another name than its own`);
  }
  return [
    intro,
    ...sections.map(({ heading, rows }) =>
      `## ${heading[0]!.toUpperCase()}${heading.slice(1)}\n\n${
        table(["Limit", "Value", "Unit", "What it bounds, and why"], rows)
      }`
    ),
  ].join("\n\n");
}

const units: readonly [end: RegExp, unit: string][] = [
  [/_BYTE_CELLS$/, "bytes × cells"],
  [/_BYTES$/, "bytes"],
  [/_MS$/, "milliseconds"],
  [/_SECONDS$/, "seconds"],
  [/_CHARS$/, "characters"],
];

/** By the end of the name; otherwise the comment begins with what is counted. */
function unitOf(name: string, doc: string): string {
  const named = units.find(([end]) => end.test(name));
  if (named) return named[1];
  const counted = /_([A-Z]+)$/.exec(`_${name}`)![1]!.toLowerCase();
  const first =
    /^(?:The same (?:in|for) )?(?:(?:JSON|Write|Open|Output|Directory|Changed) )?(\w+)/.exec(doc)![0];
  if (!first.toLowerCase().includes(counted.slice(0, 4)) && !/^[A-Z]\w+s\b/.test(first)) {
    return counted;
  }
  return first.replace(/^The same in /, "").replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function valueText(value: unknown, unit: string): string {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).map(([key, part]) => `${key} ${grouped(part)}`).join(", ");
  }
  const number = Number(value);
  if (unit === "bytes" || unit === "characters") return binary(number);
  if (unit === "milliseconds" && number >= 1_000 && number % 1_000 === 0) {
    return number % 60_000 === 0 && number >= 600_000
      ? `${grouped(number / 60_000)} min`
      : `${grouped(number / 1_000)} s`;
  }
  return unit === "milliseconds" ? `${grouped(number)} ms` : grouped(number);
}

function binary(number: number): string {
  if (number >= 1024 ** 2 && number % 1024 ** 2 === 0) return `${number / 1024 ** 2} Mi`;
  return number >= 1024 && number % 1024 === 0 ? `${number / 1024} Ki` : grouped(number);
}

function grouped(number: number): string {
  return number.toLocaleString("en-US");
}
