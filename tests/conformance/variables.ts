/** The names a vector may use in its text: `${tmp}`, ports, session ids, and what its patterns saved. */
export type Variables = Map<string, string>;

/** Text with each known `${name}` replaced; an unknown one stays. */
export function expandText(text: string, variables: Variables): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name) => variables.get(name) ?? whole);
}

/** A JSON value with all its text expanded, keys included; a whole string `${name:int}` becomes a number. */
export function expandValue(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    const integer = variables.get(/^\$\{(\w+):int\}$/.exec(value)?.[1] ?? "");
    return integer === undefined ? expandText(value, variables) : Number(integer);
  }
  if (Array.isArray(value)) return value.map((item) => expandValue(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [expandText(key, variables), expandValue(item, variables)]),
  );
}
