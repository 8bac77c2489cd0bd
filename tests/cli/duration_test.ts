import { strictEqual, throws } from "node:assert/strict";
import { parseDuration } from "../../src/cli/duration.ts";

Deno.test("a duration has a unit, or is in seconds", () => {
  const good: Record<string, number> = {
    "500ms": 500,
    "30s": 30_000,
    "1.5m": 90_000,
    "2h": 7_200_000,
    "3": 3_000,
    "0.25": 250,
    " 1s ": 1_000,
  };
  for (const [text, ms] of Object.entries(good)) strictEqual(parseDuration("timeout", text), ms, text);
});

Deno.test("what is no duration, or none that can be waited for, is refused with what would do", () => {
  for (
    const text of ["", "0", "0s", "-1", "+1s", "1d", "s", "1 s", "1e3", "0x10", "Infinity", "1.s", "600h"]
  ) {
    throws(() => parseDuration("timeout", text), {
      name: "UsageError",
      message: `Flag "--timeout" needs a duration such as 30s, 500ms, 2m or 1h, not "${text}"`,
    });
  }
});
