import { setTimeout } from "node:timers";
import type { ExecQuestion } from "../../host/pending_exec.ts";
import { EXEC_ASK_MS } from "../../limits.ts";
import { readablePath } from "../../native/path_text.ts";
import { type ExecAnswer, ExecDecisions } from "../../process/exec_decisions.ts";
import type { ExecPolicyRequest, ExecReply } from "../exec_policy_request.ts";
import { sandboxPolicy } from "../sandbox_request.ts";

/**
 * Decides about what a process of this machine runs.
 *
 * @param pathOf the path of a directory, which may be given as a URI
 */
export function localExecs(request: ExecPolicyRequest, pathOf: (directory: string) => string): ExecDecisions {
  const { rules = [], otherwise = "deny", timeoutMs = EXEC_ASK_MS, ask, onDecision } = request;
  return new ExecDecisions({
    rules,
    otherwise,
    async ask(exec) {
      if (!ask) return undefined;
      const given = Promise.resolve(readable(exec)).then(ask);
      const reply = await Promise.race([given, inTime(timeoutMs)]);
      return reply && answerOf(reply, exec, pathOf);
    },
    record({ exec, decision, source, reason }) {
      const { pid, path, argv } = readable(exec);
      const timestamp = new Date().toISOString();
      onDecision?.({
        pid,
        path,
        argv,
        timestamp,
        decision,
        source,
        ...reason === undefined ? {} : { reason },
      });
    },
  });
}

function readable({ pid, path, argv, cwd }: ExecQuestion) {
  return { pid, path: readablePath(path), argv: argv.map(readablePath), cwd: readablePath(cwd) };
}

function inTime(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds).unref());
}

function answerOf(
  reply: ExecReply,
  { cwd }: ExecQuestion,
  pathOf: (directory: string) => string,
): ExecAnswer {
  if ("elsewhere" in reply) {
    const { sandbox, env } = reply.elsewhere;
    return { type: "elsewhere", policy: sandbox && sandboxPolicy(sandbox, cwd, pathOf), env };
  }
  return reply.allow === true ? { type: "allow" } : { type: "deny", reason: reply.reason };
}
