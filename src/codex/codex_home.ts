import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { type CallShare, waitingCalls } from "../host/waiting_calls.ts";
import { failed } from "../native/operation_error.ts";
import { osErrorCode, osErrorText } from "../native/os_errors.ts";
import type { CodexHost } from "./codex_host.ts";

/**
 * Where the user's Codex files are: `CODEX_HOME` with its links resolved, else `.codex` in the home directory, which
 * need not exist.
 *
 * @param calls what it waits in
 * @throws {OperationError} FAILED when `CODEX_HOME` names nothing, or is not set and there is no home directory
 */
export async function findCodexHome(
  host: CodexHost,
  calls: CallShare = waitingCalls.share(),
): Promise<string> {
  const { codexHome } = host;
  if (!codexHome) {
    if (host.homeDirectory !== undefined) return join(host.homeDirectory, ".codex");
    throw failed(
      "failed to find Codex home: the server's user has no home directory; set HOME or CODEX_HOME for the server",
    );
  }
  try {
    return await calls.run(() => realpath(codexHome), codexHome);
  } catch (error) {
    const code = osErrorCode(error);
    const why = code === "ENOENT"
      ? "but that path does not exist"
      : `but ${code ? osErrorText(code) : String(error)}`;
    throw failed(
      `failed to find Codex home: CODEX_HOME points to ${JSON.stringify(codexHome)}, ${why}`,
      { cause: error },
    );
  }
}
