import { ERROR_TEXT_CHARS, NAME_CHARS } from "../limits.ts";
import { errorCodes, RpcError } from "./errors.ts";
import { parseExactJson } from "./exact_json.ts";
import { countMembers, hasLoneSurrogate, inspectJson } from "./json_guard.ts";

/**
 * The JSON-RPC envelope: objects without a `jsonrpc` member, one per message.
 *
 * Ids are strings or 64-bit integers and come back unchanged. Since a JavaScript number cannot hold every 64-bit
 * integer, an id is kept as the JSON text it arrived as, and the numbers of params as {@linkcode parseExactJson} says.
 */

/** The JSON text of a request id: a quoted string or an integer. */
export type IdText = string;

/** A message that asks for an answer. */
export interface RequestMessage {
  readonly kind: "request";
  readonly id: IdText;
  readonly method: string;
  readonly params: unknown;
}

/** A message that does not. */
export interface NotificationMessage {
  readonly kind: "notification";
  readonly method: string;
  readonly params: unknown;
}

/** An answer. */
export interface ResponseMessage {
  readonly kind: "response";
  readonly id: IdText;
  /** The result, or the error that was answered. */
  readonly outcome: { readonly result: unknown } | { readonly error: RpcError };
}

/** A message that is none of these. */
export interface MalformedMessage {
  readonly kind: "malformed";
  /** What is wrong with it. */
  readonly reason: string;
}

/** What a text turned out to be. */
export type Message = RequestMessage | NotificationMessage | ResponseMessage | MalformedMessage;

/** Takes a message apart. Never throws: whatever is wrong comes back as a malformed message. */
export function parseMessage(text: string): Message {
  const finding = inspectJson(text);
  if ("reason" in finding) return malformed(finding.reason);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return malformed((error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return malformed(`expected an object, got ${Array.isArray(value) ? "an array" : JSON.stringify(value)}`);
  }
  if (countMembers(value) !== finding.members) return malformed("an object has a duplicate field");
  const message = value as Record<string, unknown>;
  return classify(
    message,
    finding.hasOddNumbers ? parseExactJson(text) as Record<string, unknown> : message,
  );
}

/** Takes a message apart that came as bytes. */
export function parseUtf8(message: Uint8Array): Message {
  let text: string;
  try {
    text = decoder.decode(message);
  } catch {
    return malformed("the binary message is not UTF-8");
  }
  return parseMessage(text);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param exact the same message, its numbers as they were written */
function classify(value: Record<string, unknown>, exact: Record<string, unknown>): Message {
  const { method, params } = value;
  if (method !== undefined) {
    if (typeof method !== "string") return malformed('field "method" must be a string');
    if (!("id" in value)) return { kind: "notification", method, params };
    const trace = refuseTrace(value.trace);
    if (trace) return malformed(trace);
    if (typeof exact.id === "string" && exact.id.length > NAME_CHARS) return malformed(longId);
    const id = idText(exact.id);
    return id === undefined ? malformed(wrongId) : { kind: "request", id, method, params: exact.params };
  }
  if (!("result" in value) && !("error" in value)) {
    return malformed('expected a field "method", "result" or "error"');
  }
  const id = idText(exact.id);
  if (id === undefined) return malformed(wrongId);
  if ("result" in value) return { kind: "response", id, outcome: { result: value.result } };
  const { code, message } = (exact.error ?? {}) as { code?: unknown; message?: unknown };
  const { data } = (value.error ?? {}) as { data?: unknown };
  return typeof code === "number" && typeof message === "string"
    ? { kind: "response", id, outcome: { error: new RpcError(code, message, { data }) } }
    : malformed('field "error" must hold a number "code" and a string "message"');
}

const wrongId = 'field "id" must be a string or a 64-bit integer';
const longId = `field "id" must not exceed ${NAME_CHARS} characters`;

function malformed(reason: string): MalformedMessage {
  return { kind: "malformed", reason };
}

function refuseTrace(trace: unknown): string | undefined {
  if (trace === undefined || trace === null) return undefined;
  const { traceparent, tracestate } = trace as Record<string, unknown>;
  const isText = (x: unknown) => x === undefined || x === null || typeof x === "string";
  return typeof trace === "object" && isText(traceparent) && isText(tracestate)
    ? undefined
    : 'field "trace" must be an object of strings';
}

function idText(id: unknown): IdText | undefined {
  if (typeof id === "string") return JSON.stringify(id);
  if (typeof id === "number") return String(id);
  return typeof id === "bigint" && id === BigInt.asIntN(64, id) ? String(id) : undefined;
}

/**
 * The text of a request. `params` undefined leaves the member out.
 *
 * @throws {TypeError} for text that is none: a server would call the whole message malformed
 */
export function formatRequest(id: number, method: string, params: unknown): string {
  const text = JSON.stringify({ id, method, params });
  if (text.includes("\\ud") && hasLoneSurrogate(text)) {
    throw new TypeError(
      `${method} was given half of a surrogate pair, which is no text: String.prototype.toWellFormed() mends it`,
    );
  }
  return text;
}

/** The text of a notification. */
export function formatNotification(method: string, params: unknown): string {
  return JSON.stringify({ method, params });
}

/** The text of a successful answer. */
export function formatResult(id: IdText, result: unknown): string {
  return `{"id":${id},"result":${JSON.stringify(result)}}`;
}

/** The text of an error answer. */
export function formatError(id: IdText, error: { code: number; message: string; data?: unknown }): string {
  return `{"id":${id},"error":${
    JSON.stringify({ code: error.code, message: shorten(error.message).toWellFormed(), data: error.data })
  }}`;
}

function shorten(text: string): string {
  return text.length <= ERROR_TEXT_CHARS ? text : `${text.slice(0, ERROR_TEXT_CHARS)}...`;
}

/** The answer to a message that could not be understood: it carries the id -1. */
export function formatMalformed(reason: string): string {
  const message = `failed to parse JSON-RPC message: ${reason}`;
  return formatError("-1", { code: errorCodes.invalidRequest, message });
}
