import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Gate } from "../../src/network_proxy/gate.ts";
import { proxyPolicy } from "../../src/network_proxy/policy.ts";

/** A gate whose name leads somewhere else each time it is looked up, and to addresses where nobody answers. */
function gate(...answers: (readonly string[])[]) {
  const tried: string[] = [];
  const gate = new Gate({
    policy: proxyPolicy({ domains: { "*": "allow" }, allowsLocal: false, isLimited: false }),
    record: () => {},
    resolve: () => Promise.resolve(answers.shift() ?? []),
    network: {
      listen: () => Promise.reject(new Error("not here")),
      connect: (address, port) => {
        tried.push(`${address}:${port}`);
        return Promise.reject(new Error(`nobody at ${address}`));
      },
    },
    signal: new AbortController().signal,
  });
  return { gate, tried };
}

const request = { protocol: "http", host: "x.test", port: 80, method: "GET", client: "c" } as const;

Deno.test("a name that leads to a local address the next time is connected to by what it led to before", async () => {
  const { gate: one, tried } = gate(["1.1.1.1"], ["127.0.0.1"]);
  const ruling = await one.decide(request);
  strictEqual(ruling.allowed, true);
  if (ruling.allowed) await rejects(one.connect(ruling.addresses, 80), /nobody at 1\.1\.1\.1/);
  deepStrictEqual(tried, ["1.1.1.1:80"]);
  // The next request is decided about anew.
  strictEqual((await one.decide(request)).allowed, false);
});

Deno.test("a name with a local address among others leads nowhere", async () => {
  strictEqual((await gate(["1.1.1.1", "169.254.169.254"]).gate.decide(request)).allowed, false);
});

Deno.test("all addresses are tried, those of IPv4 first", async () => {
  const { gate: one, tried } = gate(["2606:4700::1111", "1.1.1.1", "2.2.2.2"]);
  const ruling = await one.decide(request);
  if (ruling.allowed) await rejects(one.connect(ruling.addresses, 443));
  deepStrictEqual(tried, ["1.1.1.1:443", "2.2.2.2:443", "2606:4700::1111:443"]);
});
