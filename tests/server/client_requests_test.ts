import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { ClientRequests } from "../../src/server/client_requests.ts";

const params = { processId: "p", request: { protocol: "http", host: "x.test", port: 80 } } as const;

function requests() {
  const sent: unknown[] = [];
  const asked = new ClientRequests((text) => void sent.push(JSON.parse(text)));
  return { asked, sent, ask: (timeoutMs = 60_000) => asked.ask("network/policyRequest", params, timeoutMs) };
}
const answer = (id: string, result: unknown) => ({ kind: "response", id, outcome: { result } }) as const;

Deno.test("questions are numbered from 1, and each gets its own answer", async () => {
  const { asked, sent, ask } = requests();
  const [one, two] = [ask(), ask()];
  strictEqual(asked.accept(answer("2", "b")), true);
  strictEqual(asked.accept(answer("1", "a")), true);
  deepStrictEqual([await one, await two], ["a", "b"]);
  deepStrictEqual(sent, [1, 2].map((id) => ({ id, method: "network/policyRequest", params })));
});

Deno.test("what is not answered in time is not, and a late answer does no harm", async () => {
  const { asked, ask } = requests();
  // The timer does not keep the program running.
  const alive = setInterval(() => {}, 1_000);
  strictEqual(await ask(1), undefined);
  clearInterval(alive);
  strictEqual(asked.accept(answer("1", "late")), true);
});

Deno.test("an answer to what was never asked is none", () => {
  const { asked, ask } = requests();
  void ask();
  for (const id of ["2", "0", "-1", '"1"']) strictEqual(asked.accept(answer(id, "x")), false, id);
  asked.end();
});

Deno.test("a client that is gone answers nothing", async () => {
  const { asked, ask } = requests();
  const waiting = ask();
  asked.end();
  strictEqual(await waiting, undefined);
  strictEqual(await ask(), undefined);
});
