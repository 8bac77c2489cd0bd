import assert from "node:assert/strict";
import { nearestOrigin, originOf } from "../../src/cli/console_origin.ts";

Deno.test("browsers find the console where the server listens, by a name where the address is none to go to", () => {
  const plain = { isBehindProxy: false, name: undefined };
  const named = { ...plain, name: "exec.example.com" };
  const cases = [
    ["ws://127.0.0.1:7300", named, "http://127.0.0.1:7300"],
    ["wss://[::1]:7300", plain, "https://[::1]:7300"],
    ["ws://0.0.0.0:7300", plain, "http://localhost:7300"],
    ["wss://[::]:7300", named, "https://exec.example.com:7300"],
    ["wss://0.0.0.0:443", named, "https://exec.example.com"],
    ["ws://127.0.0.1:7300", { ...named, isBehindProxy: true }, "https://exec.example.com"],
    ["ws://127.0.0.1:7300", { ...plain, isBehindProxy: true }, "https://127.0.0.1:7300"],
  ] as const;
  for (const [url, place, origin] of cases) assert.equal(originOf(url, place), origin);
});

Deno.test("a link leads the way by which its maker reaches the server, unless pages cannot go there", () => {
  const local = "http://127.0.0.1:7300";
  const proxy = "https://exec.example.com";
  const cases = [
    [undefined, [local], local],
    ["unix:/run/exec-server.sock", [local], local],
    ["ws://127.0.0.1:7300", [local], local],
    ["ws://127.0.0.1:9999/", [local], "http://127.0.0.1:9999"],
    ["ws://127.0.0.1:7300", [proxy], proxy],
    ["wss://exec.example.com", [local], proxy],
    ["ws://gateway.example.com/hosts/build", [local], local],
  ] as const;
  for (const [reached, told, origin] of cases) assert.equal(nearestOrigin(reached, told), origin);
});
