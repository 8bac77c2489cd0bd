/** The special strings of the pattern language: `$uint`, `$re:...`, `$b64:...` and so on. */
import { expandText, type Variables } from "./variables.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const kinds: Record<string, (value: unknown) => boolean> = {
  $any: () => true,
  $string: (value) => typeof value === "string",
  $nonempty: (value) => typeof value === "string" && value !== "",
  $int: (value) => Number.isInteger(value),
  $uint: (value) => Number.isInteger(value) && Number(value) >= 0,
  $number: (value) => typeof value === "number",
  $bool: (value) => typeof value === "boolean",
  $array: (value) => Array.isArray(value),
  $object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  $uuid: (value) => typeof value === "string" && uuid.test(value),
  $base64: (value) => typeof value === "string" && base64.test(value),
  $fileuri: (value) => typeof value === "string" && value.startsWith("file:///"),
};

const forms: Record<string, (value: string, argument: string) => boolean> = {
  b64: (value, text) => base64.test(value) && value === new TextEncoder().encode(text).toBase64(),
  b64re: (value, source) => new RegExp(source, "s").test(decodedText(value) ?? ""),
  re: (value, source) => new RegExp(source, "s").test(value),
};

/** What a special string may look at and leave behind. */
export interface TextContext {
  variables: Variables;
  /** Receives what `$save` and `$saveb64` store. */
  saved: Variables;
}

/**
 * Whether a value fits a pattern that is a string.
 *
 * @throws {Error} on a special string that the language does not have: it would match nothing, unnoticed
 */
export function textMatches(pattern: string, value: unknown, context: TextContext): boolean {
  const [whole, word, argument] = /^\$(\w+)(?::(.*))?$/s.exec(pattern) ?? [];
  if (whole === undefined || word === undefined) return value === expandText(pattern, context.variables);
  if (argument === undefined) {
    const kind = kinds[pattern];
    if (kind) return kind(value);
  } else {
    if (word === "lit") return value === argument;
    if (word === "save") return saveValue(argument, value, context);
    if (word === "saveb64") return saveDecoded(argument, value, context);
    const form = forms[word];
    if (form) return typeof value === "string" && form(value, expandText(argument, context.variables));
  }
  throw new Error(`Unknown special string "${pattern}" in a pattern`);
}

/** `NAME` or `NAME:MATCHER`, where the matcher stands without its `$`. */
function saveValue(argument: string, value: unknown, context: TextContext): boolean {
  const [, name, matcher] = /^([^:]+)(?::(.*))?$/s.exec(argument) ?? [];
  if (name === undefined) throw new Error(`"$save:${argument}" has no name to save to`);
  if (matcher !== undefined && !textMatches(`$${matcher}`, value, context)) return false;
  context.saved.set(name, typeof value === "string" ? value : JSON.stringify(value));
  return true;
}

function saveDecoded(name: string, value: unknown, context: TextContext): boolean {
  const text = typeof value === "string" ? decodedText(value) : undefined;
  if (text === undefined) return false;
  context.saved.set(name, text.trim());
  return true;
}

function decodedText(value: string): string | undefined {
  return base64.test(value) ? new TextDecoder().decode(Uint8Array.fromBase64(value)) : undefined;
}
