import assert from "node:assert/strict";
import { parseFrontMatter } from "../../src/codex/front_matter.ts";
import { describeSkill } from "../../src/codex/skill.ts";
import { SKILL_YAML_CHARS } from "../../src/limits.ts";

const file = (yaml: string) => `---\n${yaml}\n---\n`;

Deno.test("a value of many blanks is read as any other", () => {
  const blanks = " ".repeat(1_000_000);
  assert.throws(() => parseFrontMatter(file(`name: a\ndescription: b: c${blanks}x`)), SyntaxError);
  const { description } = parseFrontMatter(
    file(`name: a\ndescription: b: c${blanks.slice(1_000)}# d`.slice(0, 60_000)),
  );
  assert.equal(description, "b: c");
});

Deno.test("a mapping of very many keys is read, and one that has a key twice is refused", () => {
  let keys = "name: a\ndescription: d\n";
  for (let key = 0; keys.length < SKILL_YAML_CHARS - 100; key++) keys += `k${key.toString(36)}:\n`;
  assert.equal(parseFrontMatter(file(keys)).name, "a");
  assert.throws(() => parseFrontMatter(file(`${keys}name: b`)), /a key twice/);
  assert.equal(describeSkill(file("description: d"), "policy: {}\npolicy: {}", "s").policy, null);
});
