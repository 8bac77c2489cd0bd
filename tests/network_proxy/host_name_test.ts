import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hostName, readAuthority } from "../../src/network_proxy/host_name.ts";

Deno.test("a host has one spelling", () => {
  strictEqual(hostName("Ex.TEST."), "ex.test");
  strictEqual(hostName("_srv.a-b.test"), "_srv.a-b.test");
  strictEqual(hostName("bücher.test"), "xn--bcher-kva.test");
  strictEqual(hostName("[::1]"), "::1");
  strictEqual(hostName("0:0:0:0:0:FFFF:7F00:1"), "::ffff:7f00:1");
});

Deno.test("an IPv4 address is found in every spelling", () => {
  const spellings = [
    "169.254.169.254",
    "169.254.43518",
    "169.16689662",
    "2852039166",
    "0xa9.0xfe.0xa9.0xfe",
    "0xA9FEA9FE",
    "0251.0376.0251.0376",
    "025177524776",
    "169.254.0xa9.0376",
    "169.254.169.254.",
    "１６９.254.169.254",
  ];
  for (const spelling of spellings) strictEqual(hostName(spelling), "169.254.169.254", spelling);
  strictEqual(hostName("0"), "0.0.0.0");
  strictEqual(hostName("127.1"), "127.0.0.1");
});

Deno.test("what is no host is none", () => {
  const texts = [
    "",
    ".",
    "a..b",
    "a b",
    "a/b",
    "a@b",
    "a\\b",
    "a%2eb",
    "1.2.3.4.5",
    "256.1.1.1",
    "1.2.3.256",
    "4294967296",
    "a.0x",
    "08.1.1.1",
    "x.1",
    "[::1",
    "[127.0.0.1]",
    "fe80::1%eth0",
    "a\0b",
    "a".repeat(254),
  ];
  for (const text of texts) {
    strictEqual(hostName(text), undefined, JSON.stringify(text));
  }
});

Deno.test("an authority is a host and a port", () => {
  deepStrictEqual(readAuthority("a.test:8080"), { host: "a.test", port: 8080 });
  deepStrictEqual(readAuthority("[::1]:1"), { host: "::1", port: 1 });
  deepStrictEqual(readAuthority("a.test", 80), { host: "a.test", port: 80 });
  for (
    const text of ["a.test", "a.test:", "a.test:0", "a.test:65536", "u@a.test:80", "a:b:80", "::1:80", ":80"]
  ) {
    strictEqual(readAuthority(text), undefined, text);
  }
});
