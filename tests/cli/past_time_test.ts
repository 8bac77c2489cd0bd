import assert from "node:assert/strict";
import { parsePastTime } from "../../src/cli/past_time.ts";

const now = Date.UTC(2026, 0, 31, 12);
const parse = (text: string) => parsePastTime("since", text, now);

Deno.test("a past time is so long ago, or a date with its zone or in this machine's", () => {
  assert.equal(parse("10m"), now - 600_000);
  assert.equal(parse("1.5s"), now - 1_500);
  assert.equal(parse("2026-01-31T11:00:00Z"), now - 3_600_000);
  assert.equal(parse("2026-01-31 13:00:00.5+02:00"), now - 3_600_000 + 500);
  assert.equal(parse("2026-01-31T12:00"), new Date(2026, 0, 31, 12).getTime());
  assert.equal(parse("2026-01-31"), new Date(2026, 0, 31).getTime());
});

Deno.test("what is no time is refused, and an example given", () => {
  for (const text of ["", "x", "10", "10x", "2026", "2026-13-01", "yesterday", "-5m", "2026-01-31T25:00Z"]) {
    assert.throws(() => parse(text), /--since takes the number of an event, or a time such as 10m/, text);
  }
});
