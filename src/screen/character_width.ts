/**
 * How many columns a character takes, as the C library's `wcwidth` has it, which is what programs lay out their output
 * by. The emulator's own tables are of Unicode 6 or, as an addon, 11: 9,337 and 680 characters too narrow.
 */

/** Blocks whose characters are all wide, or not assigned; emoji stand outside of them. */
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], // Hangul leading consonants
  [0x2329, 0x232a],
  [0x2e80, 0x303e], // radicals, CJK punctuation
  [0x3041, 0x4dbf], // kana, enclosed CJK, extension A
  [0x4dc0, 0xa4cf], // hexagrams, unified ideographs, Yi
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3], // Hangul syllables
  [0xf900, 0xfaff], // compatibility ideographs
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60], // fullwidth forms
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff], // Tangut, Khitan
  [0x1aff0, 0x1b2ff], // more kana, Nushu
  [0x1f200, 0x1f265], // enclosed ideographs
  [0x20000, 0x2fffd], // later ideographs
  [0x30000, 0x3fffd],
];

const wideEmoji = /^\p{Emoji_Presentation}$/u;
const regionalIndicator = /^\p{Regional_Indicator}$/u;
/** Marks, invisible characters, and Hangul vowels and trailing consonants, which a leading consonant takes in. */
const withoutWidth = /^[\p{Mn}\p{Me}\p{Cf}\p{Zl}\p{Zp}\u1160-\u11ff\ud7b0-\ud7ff]$/u;
/** What counts as invisible there and is not: the soft hyphen, and signs that enclose the digits after them. */
const visible = /^[\u00ad\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]$/u;

/** Widths that were asked for, plus 1; 0 where none was. */
const known = new Uint8Array(0x20000);

/** The columns of a printable character. */
export function characterWidth(codePoint: number): 0 | 1 | 2 {
  if (codePoint < 0x7f) return 1;
  const cached = known[codePoint];
  if (cached) return cached - 1 as 0 | 1 | 2;
  const width = findWidth(codePoint);
  if (codePoint < known.length) known[codePoint] = width + 1;
  return width;
}

function findWidth(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (withoutWidth.test(character) && !visible.test(character)) return 0;
  if (wideEmoji.test(character)) return regionalIndicator.test(character) ? 1 : 2;
  return wideBlocks.some(([first, last]) => codePoint >= first && codePoint <= last) ? 2 : 1;
}
