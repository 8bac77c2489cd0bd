import assert from "node:assert/strict";
import { withBytes } from "../../src/host/environment_bytes.ts";

function bytes(...entries: string[]): Uint8Array {
  return Uint8Array.from(entries.map((entry) => `${entry}\0`).join(""), (char) => char.charCodeAt(0));
}

Deno.test("variables that are not text are there with their bytes, whatever a runtime made of them", () => {
  const given = bytes("PATH=/bin", "V=a\xff=b", "N\xfe=v", "broken\xff", "\xc3\xa9=\xe2\x82\xac");
  const expected = { PATH: "/bin", V: "a\udcff=b", "N\udcfe": "v", é: "€" };
  assert.deepEqual(withBytes({ PATH: "/bin", é: "€" }, given), expected);
  assert.deepEqual(withBytes({ PATH: "/bin", é: "€", V: "a\ufffd=b", "N\ufffd": "v" }, given), expected);
});

Deno.test("what is text is as the runtime tells it, since this program may have changed it", () => {
  assert.deepEqual(withBytes({ A: "new" }, bytes("A=old", "GONE=x")), { A: "new" });
});
