/** Has what this program starts end with it. What it takes is begun with the first child. */
import type { LimitSupport } from "../../../host/process_limits.ts";
import type { ChildObserver } from "../../posix/child_reaper.ts";
import type { Libc } from "../../posix/libc.ts";
import type { ControlGroups } from "../limits/control_groups.ts";
import { thisProcessor } from "../runner/system_calls.ts";
import { SessionJournal } from "./session_journal.ts";
import { startWatchdog } from "./watchdog.ts";

/** One for each program. */
export class EndOfProgram implements ChildObserver {
  readonly #libc: Libc;
  readonly #groups: ControlGroups;
  #journal: SessionJournal | undefined;
  #watchdog: number | undefined;
  #hasEntered = false;
  #group: string | undefined;

  constructor(libc: Libc, groups: ControlGroups) {
    this.#libc = libc;
    this.#groups = groups;
  }

  /** Before the first child: this program goes into a group of its own, which all of them are then born in. */
  enter(): void {
    if (this.#hasEntered) return;
    // Outside of the group, which it ends.
    if (this.watch()) this.#group = this.#groups.enter(this.#watchdog!);
    this.#hasEntered = this.#watchdog !== undefined;
  }

  /** Has groups removed when this program is gone; false where there is nobody to do so. */
  watch(): boolean {
    if (this.#watchdog !== undefined) return true;
    if (!thisProcessor) return false;
    const { trees, watchdogGroup } = this.#groups;
    try {
      this.#journal ??= new SessionJournal(this.#libc);
      const { file: sessions } = this.#journal;
      const options = { processor: thisProcessor, sessions, trees, ownGroup: watchdogGroup };
      this.#watchdog = startWatchdog(this.#libc, options);
      return true;
    } catch {
      return false; // The next start may find descriptors and memory for it.
    }
  }

  /** How far it reaches; tried by the first child, or now. */
  get daemons(): LimitSupport {
    this.enter();
    if (this.#group !== undefined) return { by: this.#group };
    return {
      reason: "this program may not make control groups",
      remedy:
        "start the server as root, or in a group of its own (systemd-run --user --scope -p Delegate=yes)",
    };
  }

  started(pid: number): void {
    if (this.#hasEntered) this.#journal?.started(pid);
  }

  reaped(pid: number): void {
    if (this.#hasEntered) this.#journal?.reaped(pid);
  }
}
