/** The vectors as they are replayed. */
import type { Vector } from "./vector.ts";

/**
 * Vectors whose recording depends on luck, with the step that must wait, and for how many milliseconds. The file
 * itself stays as it was recorded.
 *
 * The interrupted program of this one is Python, which cannot print from a signal handler while it is still inside
 * the `print` whose output told us that it is ready. No event tells when it has left it; without the pause the
 * reference fails as well, in up to two of three replays.
 */
const pauses: Record<string, { beforeStep: number; milliseconds: number }> = {
  "interrupt reaches the whole process group": { beforeStep: 4, milliseconds: 200 },
};

/**
 * Reads vectors.json and adds the pauses.
 *
 * @throws {Error} when a pause is for a vector that does not exist
 */
export function loadVectors(): Vector[] {
  const vectors: Vector[] = JSON.parse(Deno.readTextFileSync(new URL("vectors.json", import.meta.url)));
  for (const [name, { beforeStep, milliseconds }] of Object.entries(pauses)) {
    const vector = vectors.find((candidate) => candidate.name === name);
    if (!vector) throw new Error(`There is no vector "${name}" to pause in`);
    vector.steps.splice(beforeStep - 1, 0, { sleep: milliseconds });
  }
  return vectors;
}
