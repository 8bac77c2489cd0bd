import * as v from "valibot";
import { EXEC_RULES } from "../../limits.ts";
import { sandbox } from "./sandbox.ts";
import { optional, processId, textRecord, unsigned } from "./values.ts";

/** Schemas of what a server asks and tells of what a process runs. */

const rule = v.object({
  /**
   * How what is run begins: its program, by its name or by its absolute path, and its arguments. None is every program, and
   * a first one alone is that program with whatever arguments.
   */
  argv: v.array(v.string()),
  /** What becomes of it; `ask` asks the client. */
  decision: v.picklist(["allow", "deny", "ask", "elsewhere"]),
});

/** Who decides about each program that a process or one that it started is about to run. */
export const execPolicy = v.object({
  /** Milliseconds that the client has to answer. */
  timeoutMs: v.pipe(unsigned, v.minValue(1, "must not be 0")),
  /** What becomes of a program when no answer comes in time, or none that can be understood; `deny` when absent. */
  otherwise: optional(v.picklist(["allow", "deny"])),
  /** The first one that fits decides. The client is asked about what none fits. */
  rules: optional(v.pipe(v.array(rule), v.maxLength(EXEC_RULES, `must not be more than ${EXEC_RULES}`))),
});

/** What is to be run. */
const program = {
  processId,
  /** The operating system's number of whoever runs it. */
  pid: unsigned,
  /** The program, by the absolute path that its process sees it under; empty where the server may not look. */
  path: v.string(),
  /** All that it is given, beginning with its name. Bytes that are no UTF-8 are U+FFFD. */
  argv: v.array(v.string()),
};

export const execRequestParams = v.object({
  ...program,
  /** The directory that it would run in. */
  cwd: v.string(),
});

export const execRequestResult = v.object({
  /** What is to become of it. */
  decision: v.variant("type", [
    /** It runs. */
    v.object({ type: v.literal("allow") }),
    v.object({
      type: v.literal("deny"),
      /** Why: told with the decision, and by a start whose own program it is. */
      reason: optional(v.string()),
    }),
    v.object({
      type: v.literal("elsewhere"),
      /** What it is confined to there; nothing when absent. */
      sandbox: optional(sandbox),
      /** Its whole environment there; that of the `process/start` when absent, never that of whoever runs it. */
      env: optional(textRecord),
    }),
  ]),
});

export const execDecisionNotification = v.object({
  ...program,
  /** When, by ISO 8601. */
  timestamp: v.string(),
  /** What became of it. */
  decision: v.picklist(["allow", "deny", "elsewhere"]),
  /** Who decided: a rule, the client, `otherwise` in the client's place, or the server where nobody could. */
  source: v.picklist(["rule", "client", "otherwise", "server"]),
  /** Why, where somebody said so. */
  reason: v.optional(v.string()),
});

export type ExecPolicy = v.InferOutput<typeof execPolicy>;
export type ExecRule = v.InferOutput<typeof rule>;
