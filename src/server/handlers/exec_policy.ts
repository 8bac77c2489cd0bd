/** Has the owner of a process decide about what it runs. */
import * as v from "valibot";
import type { ExecQuestion } from "../../host/pending_exec.ts";
import { readablePath } from "../../native/path_text.ts";
import { type ExecAnswer, type ExecDecision, ExecDecisions } from "../../process/exec_decisions.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import type { ProcessOwner } from "../../process/process_owner.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { ProcessId } from "../../protocol/ids.ts";
import { clientMethods } from "../../protocol/methods.ts";
import type { ExecPolicy } from "../../protocol/schemas/exec_policy.ts";
import { gradeOf, policyOf } from "./sandbox_policy.ts";

/** For what a policy is. */
export interface ExecPolicyOptions {
  readonly processId: ProcessId;
  /** Whose process it is to be. */
  readonly session: ProcessOwner;
  readonly os: PlatformOs;
  /** Whether nothing may run without a sandbox that restricts its files. */
  readonly requiresSandbox: boolean;
}

/** What is decided about a process that is to be started. */
export interface OwnedExecs {
  readonly execs: ExecDecisions;
  /** It has been started: whoever owns it then is asked. */
  follow(process: ManagedProcess): void;
}

export function openExecs(policy: ExecPolicy, options: ExecPolicyOptions): OwnedExecs {
  const { timeoutMs, otherwise = "deny", rules = [] } = policy;
  const { requiresSandbox, os } = options;
  let process: ManagedProcess | undefined;
  const owner = () => process ? process.owner : options.session;
  const processId = () => process?.id ?? options.processId;
  const execs = new ExecDecisions({
    rules,
    otherwise,
    async ask(exec) {
      const params = { ...wireProgram(processId(), exec), cwd: readablePath(exec.cwd) };
      return answerOf(await owner()?.ask?.("exec/policyRequest", params, timeoutMs), exec, os);
    },
    record: (decision) => owner()?.tell?.("exec/policyDecision", wireDecision(processId(), decision)),
    refuseElsewhere: (policy) =>
      requiresSandbox && (!policy || gradeOf(policy) !== "full")
        ? "this server runs nothing without a sandbox that restricts its files (--require-sandbox)"
        : undefined,
  });
  return { execs, follow: (started) => void (process = started) };
}

/** @throws {RpcError} for a sandbox that means nothing here */
function answerOf(result: unknown, { cwd }: ExecQuestion, os: PlatformOs): ExecAnswer | undefined {
  const decoded = v.safeParse(clientMethods["exec/policyRequest"].result, result);
  if (!decoded.success) return undefined;
  const { decision } = decoded.output;
  if (decision.type !== "elsewhere") return decision;
  const { sandbox, env } = decision;
  return { type: "elsewhere", policy: sandbox && policyOf(sandbox, os, cwd), env };
}

function wireProgram(processId: ProcessId, { pid, path, argv }: ExecQuestion) {
  return { processId, pid, path: readablePath(path), argv: argv.map(readablePath) };
}

function wireDecision(processId: ProcessId, { exec, decision, source, reason }: ExecDecision) {
  return {
    ...wireProgram(processId, exec),
    timestamp: new Date().toISOString(),
    decision,
    source,
    ...reason === undefined ? {} : { reason },
  };
}
