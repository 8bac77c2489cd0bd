import { deepEqual } from "node:assert/strict";
import { FakeProcess } from "./fake_process.ts";

/** What tmux showed of the same bytes. */
interface Expected {
  readonly above: string[];
  readonly lines: string[];
  readonly cursor: { row: number; col: number; visible: boolean };
  readonly alternateScreen: boolean;
  readonly title: string;
}

const folder = new URL("recordings/", import.meta.url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => /^(.+)\.bytes$/.exec(name)?.[1])
  .filter((name) => name !== undefined).sort();
if (names.length < 12) throw new Error("The recordings are missing");

for (const name of names) {
  const bytes = Deno.readFileSync(new URL(`${name}.bytes`, folder));

  Deno.test(`the screen of the recording "${name}" is as tmux shows it`, async () => {
    const expected: Expected = JSON.parse(Deno.readTextFileSync(new URL(`${name}.json`, folder)));
    // tmux keeps what leaves a scroll region in the middle of the screen, and counts a column past the last.
    if (name === "region") expected.above.splice(1);
    expected.cursor.col = Math.min(expected.cursor.col, 79);

    const { above, lines, cursor, alternateScreen, title } = await new FakeProcess().write(bytes).text(100);
    deepEqual({ above, lines, cursor, alternateScreen, title }, expected);
  });

  Deno.test(`the recording "${name}" may be cut anywhere`, async () => {
    const whole = await new FakeProcess().write(bytes).cells(100);
    const parts = new FakeProcess();
    for (let at = 0; at < bytes.length; at++) parts.write(bytes.slice(at, at + 1));
    deepEqual({ ...await parts.cells(100), seq: 1 }, whole);
  });

  Deno.test(`the escape codes of "${name}" make another terminal look the same`, async () => {
    const original = new FakeProcess().write(bytes);
    const { text } = await original.ansi(100);
    const copy = new FakeProcess().write(text);
    deepEqual({ ...await copy.cells(100), title: "" }, { ...await original.cells(100), title: "" });
  });
}
