/** Where targets of a suite of behaviours do not do what it says: each such row is held to be true itself. */

/** A behaviour that a target does not show, and why. */
export interface Difference<Target extends string> {
  /** The behaviour's sentence. */
  readonly behaviour: string;
  readonly target: Target;
  readonly why: string;
  /** It depends on timing, so that the behaviour is not even run. */
  readonly sometimes?: true;
}

/**
 * Shows that a behaviour is not shown, so that no row outlives its reason.
 *
 * @throws {Error} when it is shown after all
 */
export async function refutes(show: () => Promise<void>, why: string): Promise<void> {
  try {
    await show();
  } catch {
    return;
  }
  throw new Error(`The difference is gone; take its row away: ${why}`);
}

/** A test that every row is about a behaviour that there is. */
export function testNamesOf(
  differences: readonly Difference<string>[],
  suite: readonly { readonly name: string }[],
): void {
  Deno.test("every difference names a behaviour of the suite", () => {
    for (const { behaviour } of differences) {
      if (!suite.some(({ name }) => name === behaviour)) throw new Error(`Unknown: ${behaviour}`);
    }
  });
}
