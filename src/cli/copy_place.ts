import { UsageError } from "./usage_error.ts";

/** A place that a command line names: of this machine, of a server, or a standard stream. */
export type CopyPlace =
  | { readonly kind: "here"; readonly path: string; readonly word: string }
  | { readonly kind: "stream"; readonly word: string }
  | {
    readonly kind: "server";
    readonly server: ServerWord;
    readonly path: string;
    readonly word: string;
  };

/** Which server a place is on. */
export type ServerWord =
  /** The one that flags name, the environment or the user's file. */
  | { readonly kind: "default" }
  /** One by its name. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "url"; readonly url: string };

/**
 * What a word of a command line means: `-`, `:PATH`, `NAME:PATH`, `URL:PATH`, or a path of this machine. What has a slash
 * before its first colon is a path, as scp has it.
 *
 * @throws {UsageError} for what may mean two things
 */
export function copyPlace(word: string): CopyPlace {
  if (word === "") throw new UsageError("An empty word names no place: give a path, NAME:PATH, :PATH or -");
  if (word === "-") return { kind: "stream", word };
  if (/^(unix|nats|tls):/i.test(word)) {
    throw new UsageError(
      `"${word}" does not tell where the path begins: name the server by a flag, and :PATH`,
    );
  }
  if (/^(wss?|ssh):\/\//i.test(word)) return atUrl(word);
  const colon = word.indexOf(":");
  const slash = word.indexOf("/");
  if (colon < 0 || (slash >= 0 && slash < colon)) return { kind: "here", path: word, word };
  const name = word.slice(0, colon);
  const path = word.slice(colon + 1);
  if (name === "") return { kind: "server", server: { kind: "default" }, path, word };
  return { kind: "server", server: { kind: "name", name }, path, word };
}

/** Behind a URL, the path begins at the last colon before the first slash that is not the scheme's. */
function atUrl(word: string): CopyPlace {
  const [, url, path] =
    /^([a-z]+:\/\/(?:[^/[\]]+|[^/[]*\[[^/\]]*\](?::\d+)?)):([^:/]*(?:\/.*)?)$/is.exec(word) ?? [];
  if (url === undefined || path === undefined || /^\d+(\/|$)/.test(path)) {
    throw new UsageError(
      `"${word}" does not tell where the path begins: write URL:/PATH, or name the server by --url, and :PATH`,
    );
  }
  return { kind: "server", server: { kind: "url", url }, path, word };
}
