/**
 * Draws docs/session.svg: a terminal in which commands were really run, with what they printed.
 *
 *   deno run -A scripts/picture.ts            writes it
 *   deno run -A scripts/picture.ts --check    fails when it is not what would be written
 */
import { join } from "node:path";
import process from "node:process";
import { root } from "./places.ts";

/** What is typed; each prints the same at every time. */
const commands = [
  `exec-server run -- sh -c 'echo hello from a session of its own; exit 3'; echo "status $?"`,
  `seq 3 | exec-server run -- tac | paste -sd' '`,
  `exec-server run --timeout 300ms -- sh -c 'sleep 73313 & wait'; echo "status $?"`,
  `pgrep -fx 'sleep 73313' || echo "nothing is left of it"`,
  `exec-server run --json -- sh -c 'echo event by event' | tail -n +2`,
  `exec-server run -- no-such-program; echo "status $?"`,
];

const path = join(root, "docs/session.svg");
const size = { character: 8.4, line: 20, margin: 16, bar: 30 };
const colours = { ground: "#1e2127", bar: "#2c313a", text: "#d7dae0", prompt: "#98c379", typed: "#61afef" };

/** A line of the terminal. */
interface Line {
  readonly text: string;
  /** Whether it was typed, and not printed. */
  readonly isTyped: boolean;
}

/** The whole picture. */
export async function picture(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const script = `#!/bin/sh\nexec '${Deno.execPath()}' run -A --quiet '${join(root, "main.ts")}' "$@"\n`;
    await Deno.writeTextFile(join(folder, "exec-server"), script, { mode: 0o755 });
    const lines: Line[] = [];
    for (const command of commands) {
      lines.push({ text: command, isTyped: true });
      for (const text of await printed(command, folder)) lines.push({ text, isTyped: false });
    }
    return draw(lines);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What a command prints, on both of its streams. */
async function printed(command: string, folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", `{ ${command}\n} 2>&1`],
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout).trimEnd();
  return text === "" ? [] : text.split("\n");
}

function draw(lines: readonly Line[]): string {
  const longest = Math.max(...lines.map(({ text, isTyped }) => text.length + (isTyped ? 2 : 0)));
  const width = Math.ceil(longest * size.character + 2 * size.margin);
  const height = lines.length * size.line + 2 * size.margin + size.bar;
  const rows = lines.map(({ text, isTyped }, row) => {
    const y = size.bar + size.margin + row * size.line + 14;
    const content = isTyped
      ? `<tspan fill="${colours.prompt}">$ </tspan><tspan fill="${colours.typed}">${escaped(text)}</tspan>`
      : escaped(text);
    return `  <text x="${size.margin}" y="${y}" xml:space="preserve">${content}</text>`;
  });
  const dots = ["#e06c75", "#e5c07b", "#98c379"].map((colour, index) =>
    `  <circle cx="${20 + 18 * index}" cy="15" r="5.5" fill="${colour}"/>`
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    `  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${colours.text}">`,
    "  <title>Commands run through exec-server</title>",
    `  <rect width="${width}" height="${height}" rx="8" fill="${colours.ground}"/>`,
    `  <path d="M0 ${size.bar}V8a8 8 0 0 1 8-8H${width - 8}a8 8 0 0 1 8 8v${
      size.bar - 8
    }z" fill="${colours.bar}"/>`,
    ...dots,
    ...rows,
    "</svg>\n",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.main) {
  const fresh = await picture();
  if (!process.argv.includes("--check")) await Deno.writeTextFile(path, fresh);
  else if (fresh !== await Deno.readTextFile(path)) {
    process.stderr.write("docs/session.svg is out of date: run `deno run -A scripts/picture.ts`\n");
    process.exit(1);
  }
}
