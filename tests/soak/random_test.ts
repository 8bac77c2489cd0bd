import {
  deepStrictEqual as equals,
  notDeepStrictEqual as differs,
  strictEqual as is,
} from "node:assert/strict";
import { Random } from "../../scripts/soak/random.ts";
import { fuzzedMessage } from "../../scripts/soak/fuzz_messages.ts";

const draw = (random: Random) => Array.from({ length: 50 }, () => random.integer(0, 1_000));

Deno.test("the same seed draws the same numbers, and another one others", () => {
  equals(draw(new Random(7)), draw(new Random(7)));
  differs(draw(new Random(7)), draw(new Random(8)));
});

Deno.test("what one fork draws changes nothing for another", () => {
  const [one, other] = [new Random(7), new Random(7)];
  const fork = one.fork("a");
  draw(one.fork("b"));
  equals(draw(fork), draw(other.fork("a")));
  differs(draw(other.fork("a")), draw(other.fork("b")));
});

Deno.test("numbers lie within their bounds, both included", () => {
  const random = new Random(1);
  const drawn = new Set(Array.from({ length: 1_000 }, () => random.integer(3, 6)));
  equals([...drawn].sort(), [3, 4, 5, 6]);
  for (let i = 0; i < 1_000; i++) {
    const size = random.magnitude(2, 3_000);
    is(size >= 2 && size <= 3_000, true, String(size));
  }
});

Deno.test("each is picked as often as its weight says", () => {
  const random = new Random(1);
  const counts = { never: 0, seldom: 0, often: 0 };
  const weights = { never: 0, seldom: 1, often: 9 };
  for (let i = 0; i < 10_000; i++) {
    counts[random.pick(["never", "seldom", "often"] as const, (name) => weights[name])]++;
  }
  is(counts.never, 0);
  is(Math.abs(counts.seldom - 1_000) < 150, true, JSON.stringify(counts));
});

Deno.test("fuzzed messages are repeatable, and of many kinds", () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 2_000 }, () => fuzzedMessage(random));
  };
  equals(draw(3), draw(3));
  const messages = draw(3);
  const parses = messages.filter(({ payload }) => {
    try {
      return JSON.parse(typeof payload === "string" ? payload : new TextDecoder().decode(payload)) !==
        undefined;
    } catch {
      return false;
    }
  });
  is(parses.length > 1_000 && parses.length < 1_990, true, `${parses.length} are JSON`);
});
