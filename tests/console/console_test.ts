import assert from "node:assert/strict";
import { Console } from "../../src/console/console.ts";
import { CONSOLE_CODE_MS, CONSOLE_CODES, CONSOLE_SESSION_MS, CONSOLE_SESSIONS } from "../../src/limits.ts";
import { FakeTime } from "../support/fake_time.ts";

const codeOf = ({ path }: { readonly path: string }) => path.slice(path.indexOf("=") + 1);

/** Logs in by a new link. */
function enter(console: Console) {
  const login = console.logIn(codeOf(console.link("view", "somebody")));
  assert.ok(typeof login === "object");
  return { ...login, session: console.session(login.secret)! };
}

Deno.test("a code logs in once, with what its link gives", () => {
  using _time = new FakeTime();
  const console = new Console();
  const code = codeOf(console.link("control", "somebody"));
  assert.equal(code.length, 43, "256 bits");
  assert.equal(console.logIn(code.slice(1)), "unknown");
  const login = console.logIn(code);
  assert.ok(typeof login === "object");
  assert.equal(console.logIn(code), "unknown");
  const { role, who } = console.session(login.secret)!;
  assert.deepEqual([role, who], ["control", "somebody"]);
  for (const other of [undefined, "", code, login.secret.slice(1)]) {
    assert.equal(console.session(other), undefined);
  }
});

Deno.test("codes and logins have their time, at the end of which open pages are cut off", async () => {
  using time = new FakeTime();
  const console = new Console();
  const late = codeOf(console.link("view"));
  const { secret, session } = enter(console);
  let ended = 0;
  session.ended.add(() => ended++);
  await time.pass(CONSOLE_CODE_MS);
  assert.equal(console.logIn(late), "unknown");
  assert.equal(console.session(secret), session);
  await time.pass(CONSOLE_SESSION_MS - CONSOLE_CODE_MS - 1);
  assert.equal(ended, 0);
  await time.pass(1);
  assert.equal(ended, 1, "nobody has to ask for it");
  assert.equal(console.session(secret), undefined);
  assert.equal(time.pending, 0);
});

Deno.test("who logs out is cut off, and nobody else", () => {
  using _time = new FakeTime();
  const console = new Console();
  const logins = [enter(console), enter(console)] as const;
  const ended: number[] = [];
  logins.forEach(({ session }, index) => session.ended.add(() => ended.push(index)));
  console.logOut("another");
  console.logOut(logins[0].secret);
  console.logOut(logins[0].secret);
  assert.deepEqual(ended, [0]);
  assert.equal(console.session(logins[0].secret), undefined);
  assert.equal(console.session(logins[1].secret), logins[1].session);
});

Deno.test("too many links cost the oldest one, too many logins one without a page, and no page is cut off for them", () => {
  using _time = new FakeTime();
  const console = new Console();
  const first = codeOf(console.link("full"));
  for (let made = 1; made <= CONSOLE_CODES; made++) console.link("view");
  assert.equal(console.logIn(first), "unknown");
  const logins = Array.from({ length: CONSOLE_SESSIONS }, () => {
    const login = enter(console);
    login.session.ended.add(() => assert.fail("a page is cut off"));
    return login;
  });
  const code = codeOf(console.link("view"));
  assert.equal(console.logIn(code), "full");
  logins[5]!.session.ended.clear();
  assert.ok(typeof console.logIn(code) === "object", "the link was not used up");
  assert.equal(console.session(logins[5]!.secret), undefined);
  assert.equal(console.session(logins[0]!.secret), logins[0]!.session);
});
