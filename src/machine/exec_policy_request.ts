import type { ExecServerClient } from "../client/client.ts";
import type { ExecAnswer, ExecQuestion } from "../client/exec_deciders.ts";
import { refuseUnknownOptions } from "../client/known_options.ts";
import { EXEC_ASK_MS } from "../limits.ts";
import type { NotificationOf } from "../protocol/methods.ts";
import type { ExecPolicy, ExecRule } from "../protocol/schemas/exec_policy.ts";
import { type SandboxRequest, wireSandbox } from "./sandbox_request.ts";

export type { ExecQuestion };

/** What was decided about a program that a process, or one that it started, was about to run. */
export type ExecDecision = Omit<NotificationOf<"exec/policyDecision">, "processId">;

/** What becomes of a program. */
export type ExecReply =
  | { readonly allow: true }
  | { readonly allow: false; readonly reason?: string }
  /** It runs in another sandbox, or in none where that is absent, and with other variables than its process was started with. */
  | {
    readonly elsewhere: {
      readonly sandbox?: SandboxRequest;
      readonly env?: Readonly<Record<string, string>>;
    };
  };

/** Decides about a program. Where it throws, the policy's `otherwise` does. */
export type ExecDecider = (question: ExecQuestion) => ExecReply | Promise<ExecReply>;

/**
 * Who decides about each program that a process and what it starts are about to run, its own first. It approves and tells:
 * what confines is a sandbox.
 */
export interface ExecPolicyRequest {
  /**
   * The first that fits decides. `argv` is how the call begins: the program by its name or absolute path, and arguments; none
   * fits everything.
   */
  readonly rules?:
    | readonly { readonly argv: readonly string[]; readonly decision: ExecRule["decision"] }[]
    | undefined;
  /** Decides about what no rule does; without it, `otherwise` does. */
  readonly ask?: ExecDecider | undefined;
  /** What becomes of a program where nobody decides in time; `deny` by default. */
  readonly otherwise?: "allow" | "deny" | undefined;
  /** Milliseconds to decide in; five minutes by default. */
  readonly timeoutMs?: number | undefined;
  /** Told of every decision. */
  readonly onDecision?: ((decision: ExecDecision) => void) | undefined;
}

/**
 * Refuses what only a program without types can ask for.
 *
 * @throws {TypeError} for a member that means nothing
 */
export function checkExecPolicy(request: ExecPolicyRequest): void {
  refuseUnknownOptions("start execPolicy", request, {
    rules: true,
    ask: true,
    otherwise: true,
    timeoutMs: true,
    onDecision: true,
  });
}

/** As it goes over the wire. */
export function wireExecPolicy(
  { rules = [], otherwise, timeoutMs = EXEC_ASK_MS }: ExecPolicyRequest,
): ExecPolicy {
  return {
    timeoutMs,
    otherwise,
    rules: rules.map(({ argv, decision }) => ({ argv: [...argv], decision })),
  };
}

/**
 * Answers and tells of what a server's process runs, from before its start.
 *
 * @param uriOf the URI of a directory of the server's machine
 * @returns what ends that
 */
export function lookAfterExecs(
  client: ExecServerClient,
  processId: string,
  { ask, onDecision }: ExecPolicyRequest,
  uriOf: (directory: string) => string,
): () => void {
  const ends = [
    ask && client.decideExecs(processId, async (question) => answerOf(await ask(question), question, uriOf)),
    onDecision && client.listen("exec/policyDecision", ({ processId: id, ...decision }) => {
      if (id === processId) onDecision(decision);
    }),
  ];
  return () => {
    for (const end of ends) end?.();
  };
}

function answerOf(reply: ExecReply, { cwd }: ExecQuestion, uriOf: (directory: string) => string): ExecAnswer {
  if ("elsewhere" in reply) {
    const { sandbox, env } = reply.elsewhere;
    return {
      type: "elsewhere",
      sandbox: sandbox && wireSandbox(sandbox, uriOf(cwd), uriOf),
      env: env && { ...env },
    };
  }
  return reply.allow === true ? { type: "allow" } : { type: "deny", reason: reply.reason };
}
