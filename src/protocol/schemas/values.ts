import * as v from "valibot";
import { NAME_CHARS } from "../../limits.ts";
import { Base64Error, decodeBase64 } from "../base64.ts";
import { asProcessId } from "../ids.ts";

/** Building blocks of the params schemas. */

/** A number without sign or fraction, of 64 bits at the most; beyond 2^53 it comes as a BigInt. */
export const exactUnsigned = v.pipe(
  v.union([v.number(), v.bigint()]),
  v.check(
    (n: number | bigint) =>
      typeof n === "bigint" ? n >= 0n && n < 2n ** 64n : Number.isSafeInteger(n) && n >= 0,
    "must be an unsigned integer",
  ),
);

/** The same for what is counted. Nothing here has more than 2^53 of anything, so that is what more comes out as. */
export const unsigned = v.pipe(
  // What goes out is a number; only a request's params may have a BigInt here.
  exactUnsigned as unknown as v.GenericSchema<number, number>,
  v.transform((n: number): number => Number(n < Number.MAX_SAFE_INTEGER ? n : Number.MAX_SAFE_INTEGER)),
);

/** A member that may be absent or null, which means the same: it comes out as undefined. */
export function optional<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(v.nullish(schema), v.transform((value) => value ?? undefined));
}

const text = v.string();

/** Text in JSON. What came as a binary frame, or goes as one, has the bytes themselves in its place. */
export const textOrBytes = {
  ...text,
  "~run"(dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) {
    if (!(dataset.value instanceof Uint8Array)) return text["~run"](dataset, config);
    return Object.assign(dataset, { typed: true });
  },
} as unknown as v.GenericSchema<string | Uint8Array, string | Uint8Array>;

/** Bytes, as base64 text in JSON. */
export const base64 = v.pipe(
  textOrBytes,
  v.rawTransform(({ dataset, addIssue, NEVER }): Uint8Array => {
    if (typeof dataset.value !== "string") return dataset.value;
    try {
      return decodeBase64(dataset.value);
    } catch (error) {
      addIssue({ message: `must be base64: ${(error as Base64Error).message}` });
      return NEVER;
    }
  }),
);

/** A path of the server's machine as a `file:` URI; whether it is one is checked where it is used. */
export const fileUri = v.string();

/** A text that a client makes up to name something. */
export const name = v.pipe(
  v.string(),
  v.check((text: string) => text.length <= NAME_CHARS, `must not exceed ${NAME_CHARS} characters`),
);

/** The client's name for a process: any text, unique in its session. */
export const processId = v.pipe(name, v.transform(asProcessId));

/** Text members by name, such as environment variables. The library's own record leaves out `constructor` and its like. */
export const textRecord = v.pipe(
  v.custom<Record<string, string>>((value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const input = dataset.value as Record<string, unknown>;
    for (const [key, value] of Object.entries(input)) {
      if (typeof value === "string") continue;
      addIssue({
        message: "must be a string",
        path: [{ type: "object", origin: "value", input, key, value }],
      });
      return;
    }
  }),
);

/** A method without params takes none, null or an empty object. */
export const noParams = v.union([v.undefined(), v.null(), v.strictObject({})]);
