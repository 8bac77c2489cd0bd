import { PATH_BYTES, URI_CHARS } from "../limits.ts";
import { internalError, invalidParams, notFound } from "./errors.ts";
import { osErrorText } from "../native/os_errors.ts";
import { pathFromBytes, pathToBytes } from "../native/path_text.ts";

/**
 * Paths on the wire are `file:` URIs. This file turns them into native paths of the server's machine and back.
 *
 * What counts as a URI is what the WHATWG URL standard says: blanks around it, tabs and newlines in it, `\` for `/`,
 * dot segments, `file:/p` and a `localhost` authority are all taken. Percent-encoded bytes are decoded, also those
 * that are not UTF-8: path_text.ts says how a string holds them.
 */

/** The operating system whose paths are meant, as `environmentInfo.platformOs` names it. */
export type PlatformOs = "linux" | "macos" | "windows";

/** A `file:` URI that names nothing on this platform, as opposed to text that is no `file:` URI at all. */
export class ForeignPathError extends Error {
  override readonly name = "ForeignPathError";
}

/**
 * The native path of a `file:` URI.
 *
 * @throws {RpcError} -32602 when the text is not a `file:` URI or holds a NUL; -32004 when a segment holds an encoded
 *   slash, because no file can have such a name; -32603 when it is longer than any path
 * @throws {ForeignPathError} when it is one, but of another machine or platform
 */
export function parseFileUri(uri: string, os: PlatformOs): string {
  const url = readUrl(uri);
  const pathname = url.pathname.replace(/\/+/g, "/");
  // Nothing can have such a path, and to take it apart would only take time.
  if (pathname.length > 3 * PATH_BYTES) throw internalError(osErrorText("ENAMETOOLONG"));
  const segments = pathname.split("/").filter((segment) => segment !== "");
  const decoded = segments.map(decodeSegment);
  if (decoded.some((segment) => segment.includes("\0"))) throw invalidParams(foreignText(url, os));
  if (os === "windows") return windowsPath(url, decoded);
  // An encoded letter or colon makes an ordinary name, so the drive is looked for in the undecoded text.
  if (url.host !== "" || /^[A-Za-z]:$/.test(segments[0] ?? "")) {
    throw new ForeignPathError(foreignText(url, os));
  }
  if (decoded.some((segment) => segment.includes("/"))) throw notFound(osErrorText("ENOENT"));
  return "/" + decoded.join("/");
}

/**
 * A `file:` URI as it is told to whoever wrote it: with its own encoding of names, in the form of the URL standard.
 *
 * @throws {RpcError} -32602 when the text is not a `file:` URI
 */
export function spelledFileUri(uri: string): string {
  return readUrl(uri).href;
}

/** The URI of what is below a directory, given the directory's own and the names that lead there. */
export function childUri(directory: string, ...names: string[]): string {
  return (directory.endsWith("/") ? directory : directory + "/") + names.map(encodeSegment).join("/");
}

/**
 * The `file:` URI of an absolute native path.
 *
 * @throws {TypeError} for a relative one, whose first name would pass for a host's
 */
export function formatFileUri(path: string, os: PlatformOs): string {
  if (!isAbsolutePath(path, os)) throw new TypeError(`The path ${JSON.stringify(path)} is not absolute`);
  if (os !== "windows") return "file://" + path.split("/").map(encodeSegment).join("/");
  const slashed = path.replaceAll("\\", "/");
  const unc = /^\/\/([^/]+)(\/.*)?$/.exec(slashed);
  if (unc) return `file://${unc[1]}${(unc[2] ?? "/").split("/").map(encodeSegment).join("/")}`;
  const [drive, ...rest] = slashed.split("/");
  return `file:///${drive}/${rest.map(encodeSegment).join("/")}`;
}

/** Whether a native path says where it starts. */
export function isAbsolutePath(path: string, os: PlatformOs): boolean {
  return os === "windows" ? /^([A-Za-z]:[\\/]|[\\/]{2}[^\\/])/.test(path) : path.startsWith("/");
}

const plainText = /^[\w\-.!$&'()*+,:;=@[\]^|~]*$/;

/**
 * One path segment as it stands in a URI: what the URL standard encodes in a path, and `%`, `/` and `\`, as the
 * reference server sends it. Hex digits are upper-case.
 */
export function encodeSegment(segment: string): string {
  if (plainText.test(segment)) return segment;
  let encoded = "";
  for (const byte of pathToBytes(segment)) encoded += encodedBytes[byte];
  return encoded;
}

/** How each byte stands in a URI. */
const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return plainText.test(char) ? char : "%" + byte.toString(16).toUpperCase().padStart(2, "0");
});

function readUrl(uri: string): URL {
  const text = uri.trim();
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1];
  if (scheme === undefined) throw invalidParams("invalid URI: relative URL without a base");
  if (scheme.toLowerCase() !== "file") throw invalidParams(`unsupported path URI scheme \`${scheme}\``);
  if (text.includes("#")) throw invalidParams("fragments are not allowed in path URIs");
  if (text.includes("?")) throw invalidParams("query parameters are not allowed in path URIs");
  // However much of it is slashes and dot segments, nobody spells a path so, and it would take long to parse.
  if (text.length > URI_CHARS) throw internalError(osErrorText("ENAMETOOLONG"));
  try {
    return new URL(text);
  } catch (error) {
    throw invalidParams("invalid URI: the authority is not a host name", { cause: error });
  }
}

/** A stray `%` stands for itself. */
function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  const escaped = segment.replace(/%(?![0-9A-Fa-f]{2})/g, "%25");
  try {
    return decodeURIComponent(escaped);
  } catch {
    return pathFromBytes(decodeBytes(escaped));
  }
}

function decodeBytes(segment: string): Uint8Array {
  // A parsed URL is ASCII, so every character is one byte.
  const chars = segment.replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(chars, (char) => char.charCodeAt(0));
}

function windowsPath(url: URL, segments: string[]): string {
  if (segments.some((segment) => /[\\/]/.test(segment) || !segment.isWellFormed())) {
    throw new ForeignPathError(foreignText(url, "windows"));
  }
  if (url.host !== "") return `\\\\${url.host}\\${segments.join("\\")}`;
  const drive = /^([A-Za-z])[:|]$/.exec(segments[0] ?? "");
  if (!drive) throw new ForeignPathError(foreignText(url, "windows"));
  return `${drive[1]!.toUpperCase()}:\\${segments.slice(1).join("\\")}`;
}

function foreignText(url: URL, os: PlatformOs): string {
  return `'${url.href}' is invalid on '${os}'`;
}
