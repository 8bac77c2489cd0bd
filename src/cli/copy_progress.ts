import process from "node:process";
import { PROGRESS_MS } from "../limits.ts";
import type { TransferProgress } from "../machine/file_system.ts";
import type { ProgramHost } from "./program_host.ts";
import { visibleText } from "./visible_text.ts";

/** Columns of the bar, and of the least terminal that shows one. */
const BAR_COLUMNS = 20;
const LEAST_COLUMNS = 40;

/** A line at the bottom of a terminal on standard error that says how far a copy is. */
export class CopyProgress {
  readonly #host: ProgramHost;
  readonly #sinceMs = performance.now();
  #shownMs = -Infinity;
  #hasLine = false;
  #newest: TransferProgress | undefined;

  constructor(host: ProgramHost) {
    this.#host = host;
  }

  /** What a transfer tells goes here. */
  readonly tell = (progress: TransferProgress): void => {
    this.#newest = progress;
    const now = performance.now();
    if (now - this.#shownMs < PROGRESS_MS) return;
    this.#shownMs = now;
    this.#show(progress);
  };

  /** Leaves the line as it is at last, and goes on below it. */
  end(): void {
    if (this.#newest) this.#show(this.#newest);
    if (this.#hasLine) this.#write("\n");
    this.#hasLine = false;
    this.#newest = undefined;
  }

  #show(progress: TransferProgress): void {
    this.#hasLine = true;
    const seconds = (performance.now() - this.#sinceMs) / 1000;
    this.#write(`\r${progressLine(progress, seconds, process.stderr.columns || 80)}\x1b[K`);
  }

  #write(text: string): void {
    this.#host.writeStandard("stderr", new TextEncoder().encode(text)).catch(() => {});
  }
}

/** How far a copy is, in one line of a terminal of so many columns. */
export function progressLine(
  { path, files, bytes, totalFiles, totalBytes }: TransferProgress,
  seconds: number,
  columns: number,
): string {
  const share = totalBytes > 0 ? Math.min(1, bytes / totalBytes) : totalFiles > 0 ? files / totalFiles : 1;
  const rate = bytes / Math.max(seconds, 0.001);
  const left = bytes > 0 && share < 1 ? `  ${clock((totalBytes - bytes) / rate)}` : "";
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const text = `${percent}  ${sizeText(bytes)} of ${sizeText(totalBytes)}  ${sizeText(rate)}/s${left}`;
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = `[${"#".repeat(filled)}${".".repeat(BAR_COLUMNS - filled)}] `;
  const line = columns >= LEAST_COLUMNS + BAR_COLUMNS ? bar + text : text;
  const room = columns - line.length - 4;
  const name = `${files}/${totalFiles} ${visibleText(path)}`;
  return (room > 8 ? `${line}  ${name.slice(0, room)}` : line).slice(0, columns - 1);
}

function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  for (; bytes >= 1000 && at < units.length - 1; at++) bytes /= 1000;
  return `${at === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[at]}`;
}

function clock(seconds: number): string {
  const whole = Math.min(Math.ceil(seconds), 359_999);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
