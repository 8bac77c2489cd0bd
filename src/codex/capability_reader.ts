import { Buffer } from "node:buffer";
import { relative, sep } from "node:path";
import { CAPABILITY_BUNDLE_BYTES, CAPABILITY_FILE_BYTES, CAPABILITY_WARNINGS } from "../limits.ts";
import { childUri, formatFileUri, type PlatformOs, spelledFileUri } from "../protocol/file_uri.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import type { CapabilityFile } from "../protocol/schemas/capability_discovery.ts";
import type { CapabilityFiles } from "./capability_files.ts";
import { TextFileError } from "./text_file.ts";

/** Reads the files of one answer: bounds what they hold together and gathers what is wrong with them. */
export class CapabilityReader {
  /** Those that are read. */
  files: CapabilityFiles;
  readonly #os: PlatformOs;
  #spelled: { directory: string; uri: string } | undefined;
  readonly #warnings = new Set<string>();
  #bytes = 0;

  constructor(os: PlatformOs, files: CapabilityFiles) {
    this.#os = os;
    this.files = files;
  }

  /** Tells what is in a directory, and what is above it, in the client's own spelling from now on. */
  spell(directory: string, uri: string): void {
    this.#spelled = { directory, uri: spelledFileUri(uri) };
  }

  /** A path as it goes over the wire. */
  uri(path: string): string {
    const { directory, uri } = this.#spelled ?? {};
    if (directory === undefined || uri === undefined) return formatFileUri(path, this.#os);
    const names = relative(directory, path).split(sep).filter((name) => name !== "");
    const up = names.filter((name) => name === "..").length;
    const base = new URL(uri);
    // An empty segment at the end is the slash after the directory.
    const above = base.pathname.replace(/\/+$/, "").split("/");
    if (up > 0) base.pathname = above.slice(0, -up).join("/") || "/";
    return names.length === up ? base.href : childUri(base.href, ...names.slice(up));
  }

  /** A file, or null where there is none, or where it cannot be used, of which a warning then tells. */
  async read(path: string): Promise<CapabilityFile | null> {
    const uri = this.uri(path);
    let contents;
    try {
      contents = await this.files.readText(path, CAPABILITY_FILE_BYTES);
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      if (error.problem === "missing" || error.problem === "not a file") return null;
      this.warn(
        `capability file ${uri} ${error.problem === "unreadable" ? "cannot be read: " : ""}${error.message}`,
      );
      return null;
    }
    const length = Buffer.byteLength(contents);
    if (this.#bytes + length > CAPABILITY_BUNDLE_BYTES) {
      this.warn(`capability root bundle exceeds the ${CAPABILITY_BUNDLE_BYTES}-byte limit`);
      return null;
    }
    this.#bytes += length;
    return { path: uri, contents };
  }

  /** Warns of a directory that cannot be looked into. */
  warnOf(path: string, error: unknown): void {
    const code = osErrorCode(error);
    this.warn(
      `capability scan could not read ${this.uri(path)}: ${code ? osErrorText(code) : String(error)}`,
    );
  }

  /** Adds a warning, once. */
  warn(text: string): void {
    if (this.#warnings.size < CAPABILITY_WARNINGS) this.#warnings.add(text);
  }

  /** The warnings since the last call. */
  takeWarnings(): string[] {
    const warnings = [...this.#warnings];
    this.#warnings.clear();
    return warnings;
  }
}
