import { MESSAGE_TEXT_CHARS } from "../limits.ts";

/**
 * A text for a person's terminal that a server may have had a say in: on one line, of a bounded length, and without
 * anything that drives a terminal, ends a line or turns the direction of writing. Such characters are shown as escapes.
 */
export function visibleText(text: string): string {
  const shown = text.length > MESSAGE_TEXT_CHARS ? `${text.slice(0, MESSAGE_TEXT_CHARS)}...` : text;
  return shown.replace(unprintable, escape).toWellFormed();
}

/** Controls of both sets, separators of lines, and characters that turn the direction of writing. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

function escape(char: string): string {
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
  return short ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
