import * as v from "valibot";
import { FLEET_FRAME_COST, NAME_CHARS } from "../limits.ts";

/** The version of what this page of the protocol says; whoever knows only another one refuses. */
export const carrierVersion = 1;

const token = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/));
const window = v.pipe(v.number(), v.safeInteger(), v.minValue(FLEET_FRAME_COST));

/** Asks a host for a carrier. */
const openingSchema = v.object({
  v: v.number(),
  /** The carrier's name, which its client makes up. */
  carrier: token,
  /** The client: frames to it go to its inbox. */
  client: token,
  /** What it grants the host at first. */
  window,
  /** A bearer token, where the host asks for one. */
  auth: v.optional(v.pipe(v.string(), v.maxLength(NAME_CHARS))),
});

export type Opening = v.InferOutput<typeof openingSchema>;

/** Why a host opens no carrier. */
export type OpeningRefusal = "full" | "unauthorized" | "version" | "malformed";

const answerSchema = v.union([
  v.object({ v: v.number(), instance: token, window }),
  v.object({ error: v.object({ code: v.string(), message: v.string() }) }),
]);

/** What a host answers: which of its lives it is in and what it grants at first, or why not. */
export type OpeningAnswer = v.InferOutput<typeof answerSchema>;

/** @returns undefined for what asks for no carrier */
export function readOpening(bytes: Uint8Array): Opening | undefined {
  return read(openingSchema, bytes);
}

/** @returns undefined for what answers no opening */
export function readOpeningAnswer(bytes: Uint8Array): OpeningAnswer | undefined {
  return read(answerSchema, bytes);
}

/** Reads JSON by its schema; undefined for anything else. */
export function read<Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
): v.InferOutput<Schema> | undefined {
  try {
    const parsed = v.safeParse(schema, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

export function write(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
