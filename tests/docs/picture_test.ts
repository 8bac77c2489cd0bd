import { equal } from "node:assert/strict";
import { join } from "node:path";
import { picture } from "../../scripts/picture.ts";
import { root } from "../../scripts/places.ts";

Deno.test("the README's picture shows what the commands in it print", async () => {
  equal(await Deno.readTextFile(join(root, "docs/session.svg")), await picture());
});
