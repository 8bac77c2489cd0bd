import assert from "node:assert/strict";
import { MountTable, remoteMounts } from "../../src/host/mount_table.ts";

const line = (point: string, type: string) =>
  `36 35 98:0 / ${point} rw,noatime shared:1 - ${type} source rw,size=1`;

Deno.test("a file system of another machine or program may not answer, the kernel's own do", () => {
  const types = {
    ext4: false,
    tmpfs: false,
    overlay: false,
    nfs4: true,
    cifs: true,
    "fuse.sshfs": true,
    "9p": true,
  };
  for (const [type, isRemote] of Object.entries(types)) {
    assert.deepEqual([...remoteMounts(line("/mnt/a", type))], isRemote ? ["/mnt/a"] : [], type);
  }
});

Deno.test("what is mounted last on a place lies on top, and the root is never in doubt", () => {
  const both = (...types: string[]) =>
    remoteMounts(types.map((type) => line("/mnt/a", type)).join("\n")).size;
  assert.equal(both("nfs4", "tmpfs"), 0);
  assert.equal(both("tmpfs", "nfs4"), 1);
  assert.equal(remoteMounts(line("/", "fuse")).size, 0);
});

Deno.test("a mount point's blanks are read as the kernel writes them, and optional fields as many as there are", () => {
  const plain = "36 35 98:0 / /mnt/my\\040files rw - fuse source rw\n\n";
  assert.deepEqual([...remoteMounts(plain)], ["/mnt/my files"]);
});

Deno.test("a table that somebody watches is read when it has changed, and only then", () => {
  let reads = 0;
  let hasChanged = true;
  let text = "";
  const table = new MountTable(() => (reads++, text));
  table.watchWith(() => {
    const changed = hasChanged;
    hasChanged = false;
    return changed;
  });
  assert.equal(table.remote.size, 0);
  text = line("/mnt/a", "nfs");
  assert.equal(table.remote.size, 0);
  assert.equal(reads, 1);
  hasChanged = true;
  assert.deepEqual([...table.remote], ["/mnt/a"]);
  assert.deepEqual([...table.remote], ["/mnt/a"]);
  assert.equal(reads, 2);
});
