import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { hostName, isLoopback } from "../../src/endpoint/access.ts";
import { accessFlags, givenAccessFlag, readAccess } from "../../src/cli/serve_access.ts";
import { parseCommandLine } from "../../src/cli/parse_command_line.ts";

function flags(...args: string[]) {
  return parseCommandLine({ name: "serve", flags: accessFlags }, args).flags;
}

Deno.test("origins are kept as browsers send them", () => {
  const given = ["https://Example.com/", "http://a:80", "https://a:8443", "null", "chrome-extension://AbC"];
  deepStrictEqual(readAccess(flags(...given.map((origin) => `--allow-origin=${origin}`))).allowedOrigins, [
    "https://example.com",
    "http://a",
    "https://a:8443",
    "null",
    "chrome-extension://AbC",
  ]);
});

Deno.test("an origin that no browser sends is refused", () => {
  for (
    const text of [
      "",
      "*",
      "example.com",
      "https://",
      "https://a/b",
      "https://a?b",
      "https://u@a",
      "https://*.a",
    ]
  ) {
    throws(() => readAccess(flags(`--allow-origin=${text}`)), {
      name: "UsageError",
      message: `--allow-origin takes an origin such as https://example.com, not "${text}"`,
    });
  }
});

Deno.test("host names are kept as they are looked for", () => {
  const given = ["Build.Example.com", "build.:9000", "[2001:DB8:0::1]", "10.0.0.7"];
  deepStrictEqual(readAccess(flags(...given.map((host) => `--allow-host=${host}`))).allowedHosts, [
    "build.example.com",
    "build",
    "2001:db8::1",
    "10.0.0.7",
  ]);
  for (const text of ["", "http://a", "a/b", "a b", "*", "2001:db8::1", "[a]"]) {
    throws(() => readAccess(flags(`--allow-host=${text}`)), {
      name: "UsageError",
      message: `--allow-host takes a host name such as build.example.com, not "${text}"`,
    });
  }
});

Deno.test("a host name is none with anything around it", () => {
  for (
    const host of ["", "a@b", "a,b", "a:b", "a:1:2", "::1", "[::1", "[::1]x", "[::1%25lo]", "[a]", "a/", " a"]
  ) {
    strictEqual(hostName(host), undefined, host);
  }
});

Deno.test("loopback addresses are known in every spelling", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::1%lo"]) {
    strictEqual(isLoopback(address), true, address);
  }
  for (
    const address of ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%lo", "localhost", "127.evil"]
  ) {
    strictEqual(isLoopback(address), false, address);
  }
});

Deno.test("the first flag about access is found", () => {
  strictEqual(givenAccessFlag(flags()), undefined);
  strictEqual(givenAccessFlag(flags("--allow-host", "a")), "allow-host");
});
