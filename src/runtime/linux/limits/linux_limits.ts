/** Limits and the end of what is left behind, as Linux has them: what both share. */
import {
  type LimitName,
  limitNames,
  type LimitSupport,
  type ProcessLimits,
  UnenforceableLimitError,
} from "../../../host/process_limits.ts";
import { cString } from "../../posix/c_strings.ts";
import type { Libc } from "../../posix/libc.ts";
import { EndOfProgram } from "../orphans/program_end.ts";
import { ControlGroups } from "./control_groups.ts";
import { writablePlaces } from "./group_places.ts";
import { type ReadyLimits, readyLimits } from "./ready_limits.ts";
import { resourceLimitNames } from "./resource_limits.ts";

const W_OK = 2;

/** One for each program. */
export class LinuxLimits {
  readonly #libc: Libc;
  readonly #groups: ControlGroups;
  readonly end: EndOfProgram;

  constructor(libc: Libc) {
    this.#libc = libc;
    const mayWrite = (path: string) => libc.c.access(cString(path), W_OK) === 0;
    this.#groups = new ControlGroups(() => writablePlaces(mayWrite));
    this.end = new EndOfProgram(libc, this.#groups);
  }

  /** @throws {UnenforceableLimitError} see {@linkcode readyLimits} */
  ready(limits: ProcessLimits): ReadyLimits {
    return readyLimits(this.#libc, this.#groups, limits, () => void this.end.watch());
  }

  /** What becomes of each limit here: found out by trying. */
  support(): Record<LimitName, LimitSupport> {
    const entries = limitNames.map((name) => [name, this.#supportOf(name)]);
    return Object.fromEntries(entries);
  }

  #supportOf(limit: LimitName): LimitSupport {
    if (limit === "wallMs") return { by: "the server's clock" };
    try {
      using ready = this.ready({ [limit]: sample });
      ready.held.release();
    } catch (error) {
      if (error instanceof UnenforceableLimitError) return error;
      throw error;
    }
    const isPlain = (resourceLimitNames as LimitName[]).includes(limit);
    const enforcer = limit === "openFiles" || limit === "fileBytes"
      ? undefined
      : this.#groups.enforcer(limit);
    const group = enforcer && `control groups, version ${enforcer.version}`;
    return { by: [isPlain ? "resource limits" : undefined, group].filter((part) => part).join(" and ") };
  }
}

/** Enough of anything. */
const sample = 2 ** 30;
