import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type Answer, decide, type Decision, type ProxyRequest } from "../../src/network_proxy/decision.ts";
import { type ProxyOptions, proxyPolicy } from "../../src/network_proxy/policy.ts";

interface Given extends Partial<ProxyOptions> {
  readonly host: string;
  readonly answer?: Answer | "nobody";
  readonly addresses?: readonly string[];
  readonly request?: Partial<ProxyRequest>;
}

/** What is decided, in a line, and all that was written down. */
async function decided(
  given: Given,
): Promise<{ said: string; written: string[]; asked: number; looked: number }> {
  const { host, addresses = ["1.1.1.1"], request } = given;
  const answer = "answer" in given ? given.answer : "nobody";
  const written: Decision[] = [];
  let [asked, looked] = [0, 0];
  const ruling = await decide({ protocol: "http", host, port: 80, method: "GET", client: "c", ...request }, {
    policy: proxyPolicy({ allowsLocal: false, isLimited: false, ...given }),
    ...answer === "nobody" ? {} : { ask: () => (asked++, Promise.resolve(answer)) },
    resolve: () => (looked++, Promise.resolve(addresses)),
    record: (decision) => void written.push(decision),
  });
  return {
    said: ruling.allowed ? `to ${ruling.addresses}` : ruling.decision.reason,
    written: written.map(({ scope, decision, source, reason, isOverride }) =>
      [scope, decision, source, reason, isOverride].join(" ")
    ),
    asked,
    looked,
  };
}

const said = async (given: Given) => (await decided(given)).said;
const allowAll = { "*": "allow" } as const;

Deno.test("a denial wins over everything, and nobody is asked", async () => {
  const domains = { "**.x.test": "deny", "a.x.test": "allow" } as const;
  const { said, asked, written } = await decided({ host: "a.x.test", domains, answer: { type: "allow" } });
  strictEqual(said, "denied");
  strictEqual(asked, 0);
  deepStrictEqual(written, ["domain deny baseline_policy denied false"]);
});

Deno.test("a local address needs an entry of its own, and nobody is asked", async () => {
  for (const host of ["127.0.0.1", "169.254.169.254", "::1", "::ffff:7f00:1", "localhost"]) {
    const { said, asked } = await decided({ host, domains: allowAll, answer: { type: "allow" } });
    strictEqual(said, "not_allowed_local", host);
    strictEqual(asked, 0);
  }
  strictEqual(await said({ host: "127.0.0.1", domains: { "127.0.0.1": "allow" } }), "to 127.0.0.1");
  const local = { host: "localhost", addresses: ["127.0.0.1"] };
  strictEqual(await said({ ...local, domains: { "localhost": "allow" } }), "to 127.0.0.1");
  strictEqual(await said({ ...local, domains: allowAll, allowsLocal: true }), "to 127.0.0.1");
});

Deno.test("a name that leads to a local address, or nowhere, is denied however it was allowed", async () => {
  for (const addresses of [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::ffff:127.0.0.1"], []]) {
    strictEqual(
      await said({ host: "x.test", domains: { "x.test": "allow" }, addresses }),
      "not_allowed_local",
    );
    strictEqual(await said({ host: "x.test", answer: { type: "allow" }, addresses }), "not_allowed_local");
  }
  strictEqual(await said({ host: "x.test", domains: allowAll, addresses: [], allowsLocal: true }), "to ");
});

Deno.test("the addresses that were checked are those to connect to: a name is looked up once", async () => {
  const { said, looked } = await decided({
    host: "x.test",
    domains: allowAll,
    addresses: ["1.1.1.1", "2.2.2.2"],
  });
  strictEqual(said, "to 1.1.1.1,2.2.2.2");
  strictEqual(looked, 1);
});

Deno.test("what no list has is asked about, and what is to be reviewed", async () => {
  const review = { domains: allowAll, reviewDomains: ["r.test"], host: "r.test" };
  strictEqual(await said(review), "not_allowed");
  const { said: allowed, written } = await decided({ ...review, answer: { type: "allow" } });
  strictEqual(allowed, "to 1.1.1.1");
  deepStrictEqual(written, ["domain allow decider not_allowed true"]);
  strictEqual(await said({ host: "x.test" }), "not_allowed");
});

Deno.test("an answer that denies gives its reason, and none is a denial", async () => {
  const written = async (answer: Answer) => (await decided({ host: "x.test", answer })).written;
  deepStrictEqual(await written({ type: "deny", reason: "no" }), ["domain deny decider no false"]);
  deepStrictEqual(await written({ type: "deny", reason: "" }), ["domain deny decider policy_denied false"]);
  deepStrictEqual(await written({ type: "ask", reason: "hm" }), ["domain ask decider hm false"]);
  deepStrictEqual(await written(undefined), ["domain deny decider not_allowed false"]);
});

Deno.test("a limited proxy lets reading by HTTP through, and nothing else", async () => {
  const limited = { host: "x.test", domains: allowAll, isLimited: true };
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    strictEqual(await said({ ...limited, request: { method } }), "to 1.1.1.1");
  }
  const { said: refused, written } = await decided({ ...limited, request: { method: "POST" } });
  strictEqual(refused, "method_not_allowed");
  deepStrictEqual(written, [
    "domain allow baseline_policy allow false",
    "non_domain deny mode_guard method_not_allowed false",
  ]);
  const tunnel = { protocol: "https_connect", method: "CONNECT" } as const;
  strictEqual(await said({ ...limited, request: tunnel }), "mitm_required");
  const socks = { protocol: "socks5_tcp", method: undefined } as const;
  strictEqual(await said({ ...limited, request: socks }), "method_not_allowed");
});
