import { FLEET_LABELS, FLEET_NAME_CHARS } from "../limits.ts";

/** What a host says of itself, such as `gpu` or `zone=eu`: a value for each name, empty where it has none. */
export type Labels = Readonly<Record<string, string>>;

/** Thrown for a name, a group or a label that cannot be one. */
export class FleetNameError extends Error {
  override readonly name = "FleetNameError";
}

/**
 * The name of a host, a group or a client, which is one token of a subject.
 *
 * @throws {FleetNameError} for any other text
 */
export function fleetName(what: string, text: string): string {
  if (text.length <= FLEET_NAME_CHARS && /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(text)) return text;
  throw new FleetNameError(
    `${what} takes up to ${FLEET_NAME_CHARS} letters, digits, - and _, not "${text}"`,
  );
}

/** A name that is made of a text, such as a host name with dots, that may be none. */
export function fleetNameFrom(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/g, "-").replace(/^-+/, "").slice(0, FLEET_NAME_CHARS) || "host";
}

/**
 * Labels as they are given, each `NAME` or `NAME=VALUE`.
 *
 * @throws {FleetNameError} for one that is none, and for too many
 */
export function readLabels(texts: readonly string[]): Labels {
  if (texts.length > FLEET_LABELS) throw new FleetNameError(`A host has at most ${FLEET_LABELS} labels`);
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value = ""] = /^([A-Za-z0-9_.-]+)(?:=([A-Za-z0-9_.:/-]*))?$/.exec(text) ?? [];
    if (name === undefined || name.length > FLEET_NAME_CHARS || value.length > FLEET_NAME_CHARS) {
      throw new FleetNameError(
        `A label is NAME or NAME=VALUE, each up to ${FLEET_NAME_CHARS} letters, digits and ._-, not "${text}"`,
      );
    }
    labels[name] = value;
  }
  return labels;
}

/** Labels as people read and write them. */
export function labelsText(labels: Labels): string {
  return Object.entries(labels).map(([name, value]) => value === "" ? name : `${name}=${value}`).join(",");
}

/** Whether a host has every one of some labels; a value that is not asked for may be any. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) =>
    Object.hasOwn(labels, name) && (value === "" || labels[name] === value)
  );
}
