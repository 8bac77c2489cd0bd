import { deepEqual, equal } from "node:assert/strict";
import { clientNames } from "../../src/endpoint/client_names.ts";

const isLetIn = (pattern: string, ...names: string[]) =>
  "role" in clientNames([{ pattern, role: "full" }])(names);

Deno.test("a name is let in by a pattern that is all of it, in which * stands for anything", () => {
  equal(isLetIn("alice", "bob", "alice"), true);
  equal(isLetIn("alice", "alice2"), false);
  equal(isLetIn("*@example.com", "a@example.com"), true);
  equal(isLetIn("*@example.com", "a@example.com.evil.com"), false);
  equal(isLetIn("ci-*-prod", "ci-1-prod"), true);
  equal(isLetIn("ci-*-prod", "ci-prod"), false);
  equal(isLetIn("a*a", "a"), false);
  equal(isLetIn("*b*", "abc"), true);
  equal(isLetIn("*", "anything"), true);
  equal(isLetIn("*"), false);
  equal(isLetIn("a.c", "abc"), false);
});

Deno.test("the first rule that fits says what its holder may do", () => {
  const check = clientNames([
    { pattern: "root@*", role: "full" },
    { pattern: "*@example.com", role: "view" },
  ]);
  const role = (...names: string[]) => (check(names) as { role: string }).role;
  deepEqual(role("root@example.com"), "full");
  deepEqual(role("a@example.com"), "view");
  deepEqual(role("nobody", "a@example.com", "root@x"), "full");
  deepEqual(check(['x" y']), {
    refusal: 'no --tls-client-name lets this certificate in, which has the names "x\\" y"',
  });
});

Deno.test("a pattern of many stars is compared at once", () => {
  equal(isLetIn(`${"*a".repeat(100)}*b`, "a".repeat(10_000)), false);
});
