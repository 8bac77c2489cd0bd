import { strictEqual } from "node:assert/strict";
import { isLocalAddress } from "../../src/network_proxy/local_address.ts";

const local = [
  ["0.0.0.0", "10.255.0.1", "100.64.0.1", "100.127.255.255", "127.9.9.9", "169.254.169.254", "172.31.0.1"],
  ["192.0.0.8", "192.0.2.7", "192.168.1.1", "198.19.0.1", "198.51.100.1", "203.0.113.9", "224.0.0.1"],
  [
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
  ],
  ["2002:7f00:1::", "2001:0:1::1", "2001:db8::1", "fc00::1", "fdff::1", "fe80::1", "fec0::1", "ff02::1"],
  ["64:ff9b:1::1", "100::1", "::ffff:0:127.0.0.1", "fe80::1%lo", "no address"],
].flat();
const open = [
  ["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
  ["169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.169.0.0", "198.17.255.255"],
  ["198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00::1", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"],
  ["2002:101:101::", "2001:200::1", "fbff::1"],
].flat();

Deno.test("addresses of this machine, its neighbours and of nobody are local", () => {
  for (const address of local) strictEqual(isLocalAddress(address), true, address);
});

Deno.test("addresses of the open network are not", () => {
  for (const address of open) strictEqual(isLocalAddress(address), false, address);
});
