import * as v from "valibot";
import { invalidParams } from "./errors.ts";
import type { OddNumber } from "./exact_json.ts";

/**
 * Checks params against a method's schema.
 *
 * @throws {RpcError} -32602, naming the member that is wrong and how
 */
export function decodeParams<Schema extends v.GenericSchema>(
  schema: Schema,
  params: unknown,
): v.InferOutput<Schema> {
  // An array passes for an object without members otherwise.
  if (Array.isArray(params)) throw invalidParams("params must be an object, got an array");
  const decoded = v.safeParse(schema, params, { abortEarly: true });
  if (decoded.success) return decoded.output;
  throw invalidParams(explain(decoded.issues[0]));
}

function explain(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const subject = path === null ? "params" : `field "${path}"`;
  if (issue.kind === "schema") {
    if (issue.received === "undefined") {
      return path === null ? "missing params" : `missing field "${path}"`;
    }
    if (issue.expected === "never") return `${subject} means nothing`;
    if (typeof issue.input === "symbol") {
      return `${subject} must be written without a fraction or an exponent, got ${briefly(issue.input)}`;
    }
    return `${subject} must be ${describe(issue)}, got ${briefly(issue.input)}`;
  }
  return `${subject} ${issue.message}`;
}

function describe(issue: v.BaseIssue<unknown>): string {
  switch (issue.type) {
    case "picklist":
    case "literal":
      return `one of ${issue.expected?.replace(/[()]/g, "").replaceAll(" | ", ", ")}`;
    case "object":
    case "strict_object":
    case "loose_object":
    case "custom":
      return "an object";
    case "array":
      return "an array";
    case "boolean":
      return "true or false";
    case "union":
      return issue.expected?.includes("number") ? "a number" : "empty";
    default:
      return `a ${issue.type}`;
  }
}

function isOddNumber(value: unknown): value is OddNumber {
  return typeof value === "bigint" || typeof value === "symbol";
}

function numberText(value: OddNumber): string {
  return typeof value === "symbol" ? value.description! : String(value);
}

/** A value as far as it helps to find it, without repeating a whole payload. */
function briefly(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = isOddNumber(value) ? numberText(value) : JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
