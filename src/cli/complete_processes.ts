import { deadline } from "../std/async/deadline.ts";
import { COMPLETION_MS } from "../limits.ts";
import type { ListedProcess } from "../machine/shared_process.ts";
import type { ProgramHost } from "./program_host.ts";
import { openShared } from "./shared_target.ts";
import { visibleText } from "./visible_text.ts";

/** What the processes of the server are found by that the flags of a command line name. Where it is not there, nothing is. */
export async function processWords(
  flags: ReadonlyMap<string, string | undefined>,
  host: ProgramHost,
): Promise<[word: string, about: string][]> {
  try {
    return await deadline(list(flags, host), COMPLETION_MS);
  } catch {
    return [];
  }
}

async function list(
  flags: ReadonlyMap<string, string | undefined>,
  host: ProgramHost,
): Promise<[word: string, about: string][]> {
  const choice = {
    ...Object.fromEntries(flags),
    url: flags.get("url"),
    environment: flags.get("environment"),
    "token-file": flags.get("token-file"),
  };
  await using target = await openShared(choice, host);
  return (await target.processes.list()).map((process) => [process.name ?? process.handle, about(process)]);
}

function about({ exited, exitCode, argv, argv0 }: ListedProcess): string {
  const state = exited ? `exited ${exitCode ?? "?"}` : "running";
  return visibleText(`${state}: ${(argv ?? [argv0]).join(" ")}`.slice(0, 80));
}
