import { equal } from "node:assert/strict";
import { characterWidth } from "../../src/screen/character_width.ts";

const widths: Record<string, readonly [number, string]> = {
  "letters take one column": [1, "aÄßжאعกअ"],
  "East Asian characters take two": [2, "一你好、。ひカ한각ＡＢ￥㈱䷀龥𠀀𰀀"],
  "halfwidth forms take one": [1, "ｱｲｳ｡｢"],
  "emoji take two": [2, "😀👍🥲🫠⚡☕🚀🧑🏽"],
  "symbols that only become emoji with a selector take one": [1, "❤☺⚠©➡♂"],
  "each half of a flag takes one": [1, "🇩🇪"],
  "marks take none": [0, "\u0301\u0303\u0e48\u3099\u20e3\ufe0f"],
  "joiners and directions take none": [0, "\u200b\u200c\u200d\u200e\u202a\u2060\ufeff"],
  "Hangul vowels and trailing consonants take none": [0, "\u1161\u11a8"],
  "what only seems invisible takes one": [1, "\u00ad\u0600\u06dd"],
  "boxes and blocks take one": [1, "─│┌█░▒"],
};

for (const [name, [width, characters]] of Object.entries(widths)) {
  Deno.test(`characterWidth(): ${name}`, () => {
    for (const character of characters) {
      const codePoint = character.codePointAt(0)!;
      equal(characterWidth(codePoint), width, `U+${codePoint.toString(16)} ${character}`);
    }
  });
}
