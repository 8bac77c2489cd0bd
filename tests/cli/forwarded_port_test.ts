import assert from "node:assert/strict";
import { forwardedPort } from "../../src/cli/forwarded_port.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

Deno.test("a word says which port is forwarded, and where it is listened for", () => {
  const port = (address: string, local: number, port: number, host?: string) => ({
    address,
    local,
    host,
    port,
  });
  const words = {
    "80": port("127.0.0.1", 80, 80),
    "8080:80": port("127.0.0.1", 8080, 80),
    ":80": port("127.0.0.1", 0, 80),
    "0:80": port("127.0.0.1", 0, 80),
    "0.0.0.0:8080:80": port("0.0.0.0", 8080, 80),
    "0.0.0.0::80": port("0.0.0.0", 0, 80),
    "localhost:8080:80": port("127.0.0.1", 8080, 80),
    "[::1]:8080:80": port("::1", 8080, 80),
    "5432:db.internal:5432": port("127.0.0.1", 5432, 5432, "db.internal"),
    ":db:5432": port("127.0.0.1", 0, 5432, "db"),
    "0.0.0.0:1:db:2": port("0.0.0.0", 1, 2, "db"),
    "::1:[fe80::1]:2": undefined,
    "1:[fe80::1]:2": port("127.0.0.1", 1, 2, "fe80::1"),
    "[::1]:1:[fe80::1]:2": port("::1", 1, 2, "fe80::1"),
  };
  for (const [word, meant] of Object.entries(words)) {
    if (meant) assert.deepEqual(forwardedPort(word), meant, word);
  }
  for (
    const word of [
      "",
      "x",
      "0",
      "80:",
      "70000",
      "-1",
      "8080:x",
      "a:b:c:d:e",
      "http://x:80",
      "::1:[fe80::1]:2",
    ]
  ) {
    assert.throws(() => forwardedPort(word), UsageError, word);
  }
});
