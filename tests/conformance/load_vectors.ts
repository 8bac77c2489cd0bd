/** The vectors as they are replayed. */
import type { Vector } from "./vector.ts";

/** Recorded from the reference server up to 0.169, brought up to date, and those that 0.171 added. */
const files = ["vectors.json", "vectors-0.171.json", "vectors-sandbox.json"];

/**
 * Reads the vectors of all files.
 *
 * @throws {Error} when two have one name: the compatibility table could not tell them apart
 */
export function loadVectors(): Vector[] {
  const vectors: Vector[] = files.flatMap((file) =>
    JSON.parse(Deno.readTextFileSync(new URL(file, import.meta.url)))
  );
  const names = vectors.map(({ name }) => name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw new Error(`Two vectors are named "${doubled}"`);
  return vectors;
}
