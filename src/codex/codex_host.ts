import { join } from "node:path";
import type { Host } from "../host/host.ts";
import type { PlatformOs } from "../protocol/file_uri.ts";

/** What Codex's configuration on a machine depends on; tests make up their own. */
export interface CodexHost {
  readonly os: PlatformOs;
  readonly hostname: string;
  /** The user's; undefined where nothing tells an absolute one. */
  readonly homeDirectory: string | undefined;
  /** Where the configuration for all users is. */
  readonly systemConfigDirectory: string;
  /** `CODEX_HOME` as it is set; undefined or empty where it is not. */
  readonly codexHome: string | undefined;
}

/** The host as Codex sees it. */
export function codexHost(host: Pick<Host, "facts" | "environment">): CodexHost {
  const { os, hostname, homeDirectory } = host.facts();
  const { CODEX_HOME: codexHome, ProgramData = "C:\\ProgramData" } = host.environment();
  const systemConfigDirectory = os === "windows" ? join(ProgramData, "OpenAI", "Codex") : "/etc/codex";
  return { os, hostname, homeDirectory, systemConfigDirectory, codexHome };
}
