import { type FileHandle, open, rm } from "node:fs/promises";
import { failureText, osErrorCode } from "../native/os_errors.ts";
import { UsageError } from "./usage_error.ts";

/** A file that did not exist, which only this program's user may read. It goes again unless it is kept. */
export class NewFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  #isKept = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws {UsageError} where it exists, and where there can be none */
  static async create(path: string): Promise<NewFile> {
    try {
      return new NewFile(path, await open(path, "wx", 0o600));
    } catch (error) {
      const remedy = osErrorCode(error) === "EEXIST" ? "; remove it, or choose another name" : "";
      throw new UsageError(`Cannot write "${path}": ${failureText(error)}${remedy}`, { cause: error });
    }
  }

  /** @throws {Error} which names the file */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(bytes);
    } catch (error) {
      throw new Error(`Cannot write "${this.#path}": ${failureText(error)}`, { cause: error });
    }
  }

  /** It is whole, or worth keeping as it is. */
  keep(): void {
    this.#isKept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    if (!this.#isKept) await rm(this.#path, { force: true });
  }
}
