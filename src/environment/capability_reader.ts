import { Buffer } from "node:buffer";
import { CAPABILITY_BUNDLE_BYTES, CAPABILITY_FILE_BYTES, CAPABILITY_WARNINGS } from "../limits.ts";
import { formatFileUri, type PlatformOs } from "../protocol/file_uri.ts";
import type { CapabilityFile } from "../protocol/schemas/capability_discovery.ts";
import { readTextFile, TextFileError } from "./text_file.ts";

/** Reads the files of one answer: bounds what they hold together and gathers what is wrong with them. */
export class CapabilityReader {
  readonly #os: PlatformOs;
  readonly #warnings = new Set<string>();
  #bytes = 0;

  constructor(os: PlatformOs) {
    this.#os = os;
  }

  /** A path as it goes over the wire. */
  uri(path: string): string {
    return formatFileUri(path, this.#os);
  }

  /** A file, or null where there is none, or where it cannot be used, of which a warning then tells. */
  async read(path: string): Promise<CapabilityFile | null> {
    const uri = this.uri(path);
    let contents;
    try {
      contents = await readTextFile(path, CAPABILITY_FILE_BYTES);
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
