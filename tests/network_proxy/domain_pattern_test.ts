import { strictEqual, throws } from "node:assert/strict";
import { DomainPatterns, readPattern } from "../../src/network_proxy/domain_pattern.ts";
import { proxyPolicy } from "../../src/network_proxy/policy.ts";

const covers = (pattern: string, host: string) => new DomainPatterns([readPattern(pattern)]).covers(host);

Deno.test("a name is itself, stars stand for what is below it", () => {
  strictEqual(covers(" Ex.Test. ", "ex.test"), true);
  strictEqual(covers("ex.test", "a.ex.test"), false);
  strictEqual(covers("*.ex.test", "ex.test"), false);
  strictEqual(covers("*.ex.test", "b.a.ex.test"), true);
  strictEqual(covers("*.ex.test", "aex.test"), false);
  strictEqual(covers("**.ex.test", "ex.test"), true);
  strictEqual(covers("**.ex.test", "a.ex.test"), true);
  strictEqual(covers("*", "anything.test"), true);
  strictEqual(covers("[::1]", "::1"), true);
  strictEqual(covers("127.1", "127.0.0.1"), true);
});

Deno.test("a pattern that opens more than it says is refused", () => {
  for (
    const pattern of ["*ex.test", "ex.*", "a.*.test", "x.test:80", "[::1]:80", "*.1.2.3.4", "*.*", "***.x"]
  ) {
    throws(() => readPattern(pattern), /unsupported domain pattern syntax/, pattern);
  }
  throws(
    () => readPattern("http://x.test"),
    /^PatternError: unsupported domain pattern syntax: http:\/\/x\.test$/,
  );
  throws(() => readPattern("**"), /unsupported repeated wildcard: \*\*$/);
  throws(() => readPattern("  "), /domain pattern is empty$/);
});

Deno.test("everything cannot be denied, and a Unix socket has an absolute path", () => {
  const policy = (more: object) => proxyPolicy({ allowsLocal: false, isLimited: false, ...more });
  throws(() => policy({ domains: { "*": "deny" } }), /invalid value for network\.denied_domains: \*/);
  throws(() => policy({ unixSockets: { "/a": "allow", "b": "allow" } }), /allow_unix_sockets\[1\].*"b"$/);
  strictEqual(policy({ domains: { "x.test": "none" } }).allowed.covers("x.test"), false);
});
