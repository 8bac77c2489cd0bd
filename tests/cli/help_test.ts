import { ok, strictEqual } from "node:assert/strict";
import { commandHelp, programHelp } from "../../src/cli/help.ts";
import { commands } from "../../src/cli/program.ts";

const pages = [programHelp(commands), ...commands.map(commandHelp)];

Deno.test("help fits a terminal of 80 columns and ends with one line break", () => {
  for (const page of pages) {
    for (const line of page.split("\n")) {
      ok(line.length <= 80, line);
      strictEqual(line, line.trimEnd());
    }
    ok(/[^\n]\n$/.test(page));
  }
});

/** A text on one line, whatever its breaks. */
function words(text: string): string {
  return text.replace(/\s+/g, " ");
}

Deno.test("help names every command, flag and value", () => {
  for (const { name, summary, flags } of commands) {
    ok(pages[0]!.includes(`  ${name} `) && words(pages[0]!).includes(words(summary)));
    const page = commandHelp(commands.find((command) => command.name === name)!);
    for (const [flag, { value, short, help }] of Object.entries(flags)) {
      ok(page.includes(`--${flag}${value ? ` ${value}` : ""}`), flag);
      ok(words(page).includes(words(help)), flag);
      if (short) ok(page.includes(`-${short}, --${flag}`), flag);
    }
    ok(page.includes("-h, --help"));
  }
});
