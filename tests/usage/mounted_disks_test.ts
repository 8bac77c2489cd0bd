import assert from "node:assert/strict";
import { mountedDisks } from "../../src/usage/mounted_disks.ts";

const disks = (...lines: string[]) => mountedDisks(new TextEncoder().encode(lines.join("\n")));

const line = (point: string, type: string, device = "8:1") =>
  `36 35 ${device} / ${point} rw,noatime shared:1 master:2 - ${type} source rw`;

Deno.test("each disk is told once, by the shortest of its paths", () => {
  const found = disks(line("/var/lib/docker", "ext4"), line("/srv", "ext4"), line("/", "overlay", "0:5"));
  assert.deepEqual(found, [{ path: "/", type: "overlay" }, { path: "/srv", type: "ext4" }]);
});

Deno.test("what the kernel tells of itself is no disk, nor what mounts another one when it is touched", () => {
  const types = ["proc", "sysfs", "cgroup2", "autofs", "devpts"];
  assert.deepEqual(disks(...types.map((type, at) => line(`/a${at}`, type, `0:${at}`))), []);
});

Deno.test("file systems in memory are disks where programs put files", () => {
  const places = ["/dev/shm", "/run/user/0", "/tmp", "/running"];
  const found = disks(...places.map((place, at) => line(place, "tmpfs", `0:${at}`)));
  assert.deepEqual(found.map(({ path }) => path), ["/running", "/tmp"]);
});

Deno.test("those of other machines are told, with blanks in their paths; lines that say nothing are not", () => {
  assert.deepEqual(disks("", "36 35", line("/mnt/my\\040files", "nfs4")), [
    { path: "/mnt/my files", type: "nfs4" },
  ]);
});
