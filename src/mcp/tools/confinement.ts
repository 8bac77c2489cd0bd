import type { LimitsRequest } from "../../machine/limits_request.ts";
import type { SandboxRequest } from "../../machine/sandbox_request.ts";

/** What all tools together may do, whatever a model asks for. */
export interface Confinement {
  /** Only what changes nothing. */
  readonly isReadOnly: boolean;
  /** What commands are confined to, and the files that tools change; a relative directory begins at the machine's own. */
  readonly sandbox: SandboxRequest | undefined;
  /** What each command may use. */
  readonly limits: LimitsRequest | undefined;
  /** Variables of every command. */
  readonly env: Readonly<Record<string, string>>;
}
