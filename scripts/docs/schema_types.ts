/** Tells what a valibot schema takes, as rows for a table. */
import type * as v from "valibot";
import type { Described } from "./doc_comments.ts";
import type { Descriptions } from "./descriptions.ts";

/** One member of an object that goes over the wire. */
export interface Row {
  /** From the object that the table is of, such as `chunks[].seq`. */
  readonly path: string;
  readonly type: string;
  /** `yes`, `no`, or what is taken when it is absent. */
  readonly required: string;
  readonly description: string;
}

/** Objects with the same `key: value` choose between alternatives; each has a table of its own. */
export interface Shape {
  /** Such as `kind: "rename"`; undefined where there is one shape only. */
  readonly when: string | undefined;
  readonly rows: readonly Row[];
}

/** The parts of valibot's schemas that are looked at. */
interface AnySchema {
  readonly type: string;
  readonly reference?: unknown;
  readonly pipe?: readonly AnySchema[];
  readonly kind?: string;
  readonly entries?: Record<string, AnySchema>;
  readonly wrapped?: AnySchema;
  readonly item?: AnySchema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  readonly key?: string;
  readonly value?: AnySchema;
  readonly default?: unknown;
}

/** A schema without what makes it optional, and how it is optional. */
interface Unwrapped {
  readonly schema: AnySchema;
  readonly required: string;
  readonly isNullable: boolean;
}

const optionals = new Set(["optional", "nullish", "nullable"]);

/** The tables of an object schema. */
export function shapesOf(schema: v.GenericSchema, from: readonly Described[], known: Descriptions): Shape[] {
  const { schema: inner } = unwrap(schema as unknown as AnySchema);
  if (inner.type !== "variant") return [{ when: undefined, rows: rowsOf(inner, "", from, known) }];
  const options = inner.options as AnySchema[];
  const choice = inner.key!;
  const shapes = options.map((option, index) => ({
    when: `${choice}: ${typeText(option.entries![choice]!, known)}`,
    rows: rowsOf(option, "", known.element(from, index), known, choice),
  }));
  const isCommon = (row: Row) => shapes.every(({ rows }) => rows.some((other) => isSame(row, other)));
  const common = shapes[0]!.rows.filter(isCommon);
  const which = choiceRow(options, choice, "", known);
  return [
    { when: undefined, rows: [which, ...common] },
    ...shapes.map(({ when, rows }) => ({ when, rows: rows.filter((row) => !isCommon(row)) })),
  ];
}

/** A row for every member but one, and for the members of objects that have no name of their own. */
function rowsOf(
  schema: AnySchema,
  prefix: string,
  from: readonly Described[],
  known: Descriptions,
  left?: string,
): Row[] {
  return Object.entries(schema.entries ?? {}).filter(([name]) => name !== left).flatMap(([name, member]) => {
    const path = prefix + name;
    const own = known.member(from, name);
    const { schema: inner, required, isNullable } = unwrap(member);
    const row = {
      path,
      type: typeText(inner, known) + (isNullable && !required.startsWith("no") ? " or null" : ""),
      required,
      description: known.text(own, name, path),
    };
    return [row, ...nested(inner, path, own, known)];
  });
}

function nested(schema: AnySchema, path: string, from: readonly Described[], known: Descriptions): Row[] {
  if (known.nameOf(schema)) return [];
  if (schema.type === "array") return nested(unwrap(schema.item!).schema, `${path}[]`, from, known);
  if (schema.type === "object") return rowsOf(schema, `${path}.`, from, known);
  if (schema.type !== "variant") return [];
  const options = schema.options as AnySchema[];
  const choice = schema.key!;
  const rows = options.flatMap((option, index) => {
    const when = `\`${choice}\` ${typeText(option.entries![choice]!, known)}: `;
    const rows = rowsOf(option, `${path}.`, known.element(from, index), known, choice);
    return rows.map((row) => ({ ...row, description: when + row.description }));
  });
  return [choiceRow(options, choice, `${path}.`, known), ...rows];
}

/** The member that says which of some alternatives an object is. */
function choiceRow(options: readonly AnySchema[], choice: string, prefix: string, known: Descriptions): Row {
  const type = options.map((option) => typeText(option.entries![choice]!, known)).join(", ");
  return { path: prefix + choice, type, required: "yes", description: "Which members there are beside it." };
}

function isSame(a: Row, b: Row): boolean {
  return a.path === b.path && a.type === b.type && a.description === b.description;
}

function unwrap(schema: AnySchema): Unwrapped {
  let inner = schema;
  let required = "yes";
  let isNullable = false;
  for (;;) {
    // `optional()` of values.ts is a pipe around the library's own; what follows in a pipe takes nothing away.
    if (inner.pipe && optionals.has(inner.pipe[0]!.type)) inner = inner.pipe[0]!;
    if (!optionals.has(inner.type)) return { schema: inner, required, isNullable };
    if (inner.type !== "optional") isNullable = true;
    if (inner.type !== "nullable") {
      const fallback = inner.default === undefined ? "" : `, \`${JSON.stringify(inner.default)}\``;
      required = `no${fallback}${inner.type === "nullish" ? "; null is the same" : ""}`;
    }
    inner = inner.wrapped!;
  }
}

/** A type in the notation of the page. */
function typeText(schema: AnySchema, known: Descriptions): string {
  const { schema: inner, isNullable } = unwrap(schema);
  if (isNullable) return `${typeText(inner, known)} or null`;
  const name = known.nameOf(inner);
  if (name) return name;
  switch (inner.type) {
    case "picklist":
      return (inner.options as unknown[]).map((option) => `\`${JSON.stringify(option)}\``).join(", ");
    case "literal":
      return `\`${JSON.stringify(inner.literal)}\``;
    case "array":
      return `array of ${typeText(inner.item!, known)}`;
    case "union":
      return [...new Set((inner.options as AnySchema[]).map((option) => typeText(option, known)))].join(
        " or ",
      );
    case "bigint":
      return "number";
    case "record":
      return `object: text to ${typeText(inner.value!, known)}`;
    case "variant":
    case "loose_object":
    case "strict_object":
      return "object";
    default:
      return inner.type;
  }
}
