import { deepStrictEqual as equals } from "node:assert/strict";
import { FakeTime } from "../support/fake_time.ts";
import { DelayLine } from "./delay_line.ts";

const chunk = (text: string) => new TextEncoder().encode(text);

Deno.test("no chunk overtakes another, however the delay changes", async () => {
  using time = new FakeTime();
  const arrived: string[] = [];
  const line = new DelayLine((bytes) => void arrived.push(new TextDecoder().decode(bytes)));
  line.push(chunk("late"), 100);
  line.push(chunk("quick"), 0);
  await time.pass(99);
  equals([arrived, line.isEmpty], [[], false]);
  await time.pass(1);
  equals([arrived, line.isEmpty], [["late", "quick"], true]);
  line.push(chunk("next"), 10);
  await time.pass(10);
  equals(arrived, ["late", "quick", "next"]);
});
