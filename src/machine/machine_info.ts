import type { PlatformOs } from "../protocol/file_uri.ts";

/** What a machine says of itself. Paths are its own. */
export interface MachineInfo {
  readonly os: PlatformOs;
  /** The user's login shell: a name such as `bash`, and its path. */
  readonly shell: { readonly name: string; readonly path: string };
  /** Where processes start when nothing is said; undefined where that is not told. */
  readonly workingDirectory: string | undefined;
  /** Undefined where the machine's user has none. */
  readonly homeDirectory: string | undefined;
  /** Undefined where that is not told. */
  readonly temporaryDirectory: string | undefined;
  /** The version of the program that serves it. */
  readonly version: string;
  /** What it can do beyond the least, by the protocol's names. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}
