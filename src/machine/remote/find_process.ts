import { refusedError, type ServerError, unsupportedError } from "../machine_error.ts";
import type { ListedProcess } from "../shared_process.ts";

/**
 * The process that a word means: its handle, its name, or the beginning of one handle only. Of several of one name it is
 * the one that runs, or else the one that was started last.
 *
 * @throws {ServerError} EREFUSED where none or several are meant
 */
export function findProcess(processes: readonly ListedProcess[], word: string): ListedProcess {
  const exact = processes.find(({ handle }) => handle === word) ?? newest(processes, word);
  if (exact) return exact;
  const begun = word === "" ? [] : processes.filter(({ handle }) => handle.startsWith(word.toLowerCase()));
  if (begun.length === 1) return begun[0]!;
  if (begun.length === 0) throw refusedError(`no process has the name or the handle "${word}"`);
  const candidates = begun.map(({ handle, name, argv0 }) => `${handle} (${name ?? argv0})`);
  throw refusedError(`"${word}" is the beginning of several handles: ${candidates.join(", ")}`);
}

function newest(processes: readonly ListedProcess[], word: string): ListedProcess | undefined {
  const named = processes.filter(({ name }) => name === word);
  return named.find(({ exited }) => !exited) ??
    named.sort((a, b) => b.startedAtMs - a.startedAtMs)[0];
}

/** A server of another kind has processes for one client only. */
export function cannotShare(): ServerError {
  return unsupportedError(
    "this server's processes cannot be shared: it has no process/attach, which is exec-server's own",
  );
}

/** A server of another kind, or an older one, makes no files of output. */
export function cannotExport(): ServerError {
  return unsupportedError(
    "this server makes no recordings: it has no process/export, which is exec-server's own",
  );
}
