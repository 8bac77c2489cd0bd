import { deepEqual, equal } from "node:assert/strict";
import { median, quantile, spread } from "../../scripts/bench/statistics.ts";

Deno.test("median() lies between the two in the middle", () => {
  deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});

Deno.test("quantile() sorts by size, not by text, and leaves what it is given as it is", () => {
  const numbers = [100, 9, 80];
  equal(quantile(numbers, 1), 100);
  equal(quantile(numbers, 0), 9);
  deepEqual(numbers, [100, 9, 80]);
});

Deno.test("quantile() of one number is that number, and of none is not a number", () => {
  deepEqual([quantile([7], 0.99), quantile([], 0.5)], [7, NaN]);
});

Deno.test("spread() is half of the middle half's range, so that one outlier does not matter", () => {
  equal(spread([1, 2, 3, 4, 5]), 1);
  equal(spread([1, 2, 3, 4, 5_000]), 1);
});
