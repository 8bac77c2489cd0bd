import assert from "node:assert/strict";
import { readNetworks } from "../../src/cli/serve_networks.ts";

const read = (proxy: string) =>
  readNetworks({ "linux-sandbox-transparent-tcp": false, "tcp-upstream-proxy": proxy }).upstream;

Deno.test("a proxy is named by its host and port", () => {
  assert.deepEqual(read("proxy.test:3128"), { host: "proxy.test", port: 3128 });
  assert.deepEqual(read("127.0.0.1:1"), { host: "127.0.0.1", port: 1 });
  assert.deepEqual(read("[::1]:65535"), { host: "::1", port: 65_535 });
  for (
    const text of ["", "x", ":1", "127.0.0.1", "127.0.0.1:0", "a:65536", "http://a:80", "::1:80", "a@b:80"]
  ) {
    assert.throws(() => read(text), { name: "UsageError", message: /takes HOST:PORT/ });
  }
});
