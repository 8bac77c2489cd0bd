/** A machine that has a name, and how its server is reached. */
export interface NamedEnvironment {
  readonly id: string;
  /** A URL with its bearer token, or a command that serves on its standard streams. */
  readonly server:
    | { readonly url: string; readonly token: string | undefined }
    | {
      readonly argv: readonly string[];
      /** Variables beside those of the program that starts it. */
      readonly env: Readonly<Record<string, string>>;
      /** An absolute path; undefined for the directory of the program that starts it. */
      readonly cwd: string | undefined;
    };
  readonly connectMs: number | undefined;
  readonly initializeMs: number | undefined;
}

/** The user's machines: `environments.toml` of the Codex CLI. */
export interface NamedEnvironments {
  readonly path: string;
  /** Set where there is no such file. */
  readonly isMissing?: true;
  /** The one that is meant when none is named. */
  readonly defaultId: string | undefined;
  /** Whether this machine is one of them, under the name `local`. */
  readonly includeLocal: boolean;
  readonly environments: readonly NamedEnvironment[];
}

/** `environments.toml` does not say what it should. The message names the file and, where it can, the line. */
export class EnvironmentsFileError extends Error {
  override readonly name = "EnvironmentsFileError";
}
