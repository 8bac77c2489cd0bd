import { strictEqual as is } from "node:assert/strict";
import { slope } from "../../scripts/soak/vitals.ts";

Deno.test("slope() is that of the line nearest to the points", () => {
  is(slope([[0, 1], [1, 3], [2, 5]]), 2);
  is(slope([[0, 1], [1, 2], [2, 1], [3, 2]]).toFixed(2), "0.20");
});

Deno.test("slope() of fewer than two points is none", () => {
  is(slope([]), 0);
  is(slope([[1, 5]]), 0);
});
