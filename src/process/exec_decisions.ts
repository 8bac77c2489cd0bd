/** Decides about what one process and its descendants run. */
import type { ExecQuestion, PendingExec } from "../host/pending_exec.ts";
import { EXEC_DECISIONS_UNREAD, EXEC_QUESTIONS } from "../limits.ts";
import { StartError } from "../native/start_error.ts";
import { failureText } from "../native/os_errors.ts";
import type { Policy } from "../sandbox/policy.ts";
import type { Variables } from "./child_environment.ts";
import type { ChildExecs, Elsewhere } from "./child_options.ts";
import { type ExecRule, ruleFor } from "./exec_rules.ts";

/** What whoever is asked answers. */
export type ExecAnswer =
  | { readonly type: "allow" }
  | { readonly type: "deny"; readonly reason?: string | undefined }
  | {
    readonly type: "elsewhere";
    /** What it is confined to there; nothing by default. */
    readonly policy?: Policy | undefined;
    /** Its whole environment there; that of its process's start by default. */
    readonly env?: Variables | undefined;
  };

/** What was decided. */
export interface ExecDecision {
  readonly exec: ExecQuestion;
  readonly decision: ExecAnswer["type"];
  /** A rule, whoever was asked, `otherwise` in his place, or this program where nobody could. */
  readonly source: "rule" | "client" | "otherwise" | "server";
  readonly reason?: string | undefined;
}

/** How it is decided. */
export interface ExecDecisionsOptions {
  readonly rules: readonly ExecRule[];
  /** What becomes of it where nobody answers in time. */
  readonly otherwise: "allow" | "deny";
  /** Asks about what no rule says; undefined where there is no answer in time, or none that can be understood. */
  readonly ask: (exec: ExecQuestion) => Promise<ExecAnswer | undefined>;
  /** Told of every decision. Resolves when there is room for more. */
  readonly record: (decision: ExecDecision) => Promise<void> | void;
  /** Whether nothing may run elsewhere under a policy, or under none; why not, then. */
  readonly refuseElsewhere?: ((policy: Policy | undefined) => string | undefined) | undefined;
}

type Decided = Pick<ExecDecision, "source"> & { readonly answer: ExecAnswer };

export class ExecDecisions implements ChildExecs {
  readonly #options: ExecDecisionsOptions;
  #elsewhere: Elsewhere | undefined;
  /** Of the child itself, until it is known. */
  #first: ExecQuestion | undefined;
  #refusal: StartError | undefined;
  /** The last answer that denied something to a process, by its number. */
  readonly #denied = new Map<number, { readonly call: string; readonly decided: Decided }>();
  #asked = 0;
  #untold = 0;
  /** Decides on, once what was decided has been told. */
  readonly #waiting: (() => void)[] = [];

  constructor(options: ExecDecisionsOptions) {
    this.#options = options;
  }

  runElsewhere(start: Elsewhere): void {
    this.#elsewhere = start;
  }

  get refusal(): StartError | undefined {
    return this.#refusal;
  }

  decide(exec: PendingExec): void {
    this.#first ??= exec;
    if (this.#untold < EXEC_DECISIONS_UNREAD) this.#decide(exec);
    else this.#waiting.push(() => this.#decide(exec));
  }

  #decide(exec: PendingExec): void {
    if (exec.path === "") {
      const reason = "its arguments cannot be looked at";
      return this.#carryOut(exec, { source: "server", answer: { type: "deny", reason } });
    }
    const rule = ruleFor(this.#options.rules, exec);
    if (rule && rule.decision !== "ask") {
      return this.#carryOut(exec, { source: "rule", answer: { type: rule.decision } });
    }
    const denied = this.#denied.get(exec.pid);
    // Shells look for a program in the next folder of PATH, and nobody is to be asked for each.
    if (denied?.call === callOf(exec)) return this.#carryOut(exec, denied.decided);
    this.#denied.delete(exec.pid);
    void this.#ask(exec).then((decided) => {
      if (decided.answer.type === "deny") this.#remember(exec, decided);
      this.#carryOut(exec, decided);
    });
  }

  #remember(exec: ExecQuestion, decided: Decided): void {
    if (this.#denied.size >= EXEC_QUESTIONS) this.#denied.clear();
    this.#denied.set(exec.pid, { call: callOf(exec), decided });
  }

  async #ask(exec: PendingExec): Promise<Decided> {
    const { ask, otherwise } = this.#options;
    const unanswered: Decided = { source: "otherwise", answer: { type: otherwise } };
    if (this.#asked >= EXEC_QUESTIONS) return unanswered;
    this.#asked++;
    try {
      const { pid, path, argv, cwd } = exec;
      const answer = await ask({ pid, path, argv, cwd });
      return answer ? { source: "client", answer } : unanswered;
    } catch {
      return unanswered;
    } finally {
      this.#asked--;
    }
  }

  #carryOut(exec: PendingExec, { source, answer }: Decided): void {
    // Whoever wanted it has been killed meanwhile.
    if (!exec.isWaiting()) return;
    const refused = answer.type === "elsewhere" ? this.#refuseElsewhere(answer.policy) : undefined;
    if (refused !== undefined) {
      return this.#carryOut(exec, { source: "server", answer: { type: "deny", reason: refused } });
    }
    if (answer.type === "elsewhere") return void this.#replace(exec, source, answer);
    if (answer.type === "allow") exec.allow();
    else {
      if (exec === this.#first) this.#refusal = refusal(exec, source, answer.reason);
      exec.deny();
    }
    this.#tell({
      exec,
      decision: answer.type,
      source,
      reason: "reason" in answer ? answer.reason : undefined,
    });
  }

  #refuseElsewhere(policy: Policy | undefined): string | undefined {
    if (!this.#elsewhere) return "nothing can be run elsewhere here";
    return this.#options.refuseElsewhere?.(policy);
  }

  async #replace(
    exec: PendingExec,
    source: ExecDecision["source"],
    { policy, env }: Extract<ExecAnswer, { type: "elsewhere" }>,
  ): Promise<void> {
    const { path, argv, cwd } = exec;
    try {
      await exec.replace(async (standard) => {
        const child = await this.#elsewhere!({ path, argv, cwd, env, policy, standard });
        this.#tell({ exec, decision: "elsewhere", source });
        return child;
      });
    } catch (error) {
      const reason = `it does not run elsewhere: ${failureText(error)}`;
      if (exec === this.#first) this.#refusal = refusal(exec, "server", reason);
      this.#tell({ exec, decision: "deny", source: "server", reason });
    }
  }

  #tell(decision: ExecDecision): void {
    const told = this.#options.record(decision);
    if (!told) return;
    this.#untold++;
    void told.then(() => this.#told(), () => this.#told());
  }

  #told(): void {
    this.#untold--;
    while (this.#untold < EXEC_DECISIONS_UNREAD && this.#waiting.length > 0) this.#waiting.shift()!();
  }
}

/** A call, in whatever folder its program is looked for. */
function callOf({ path, argv }: ExecQuestion): string {
  return JSON.stringify([path.slice(path.lastIndexOf("/") + 1), argv]);
}

const who: Record<ExecDecision["source"], string> = {
  rule: "by a rule",
  client: "by the client",
  otherwise: "since nobody decided in time",
  server: "by the server",
};

function refusal(
  { path }: ExecQuestion,
  source: ExecDecision["source"],
  reason: string | undefined,
): StartError {
  const why = reason === undefined || reason === "" ? "" : `: ${reason}`;
  return new StartError("permissionDenied", `the exec policy denies "${path}", ${who[source]}${why}`);
}
