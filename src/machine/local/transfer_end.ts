import type { FileSystem } from "../file_system.ts";

/** What a transfer has at one end. */
export interface TransferEnd {
  readonly files: FileSystem;
  readonly path: string;
}
