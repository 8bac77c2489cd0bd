import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { Plan } from "../../../src/host/confinement.ts";
import { bubblewrapOptions } from "../../../src/runtime/linux/sandbox/bubblewrap.ts";
import { journalFolder } from "../../../src/runtime/linux/sandbox/journal_folder.ts";

const abilities = {
  disablesUserNamespaces: true,
  mountsProc: true,
  exists: (path: string) => path === "/proc/sys",
};
const plan: Plan = { grade: "full", root: "readOnly", mounts: [], hasNetwork: false, filter: "noNetwork" };
const line = (changes: Partial<Plan>, more: Partial<typeof abilities> = {}) =>
  bubblewrapOptions({ ...plan, ...changes }, "/work", { ...abilities, ...more }).join(" ");

Deno.test("a sandbox has namespaces of its own, a network only where it may", () => {
  assert.match(
    line({}),
    /--unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-net --disable-userns/,
  );
  assert.doesNotMatch(line({ hasNetwork: true }), /--unshare-net/);
  assert.doesNotMatch(line({}, { disablesUserNamespaces: false }), /--disable-userns/);
  assert.match(
    line({}),
    /--cap-drop ALL --ro-bind \/ \/ --dev \/dev --proc \/proc --ro-bind \/proc\/sys \/proc\/sys/,
  );
  assert.match(line({}), / --chdir \/work$/);
});

Deno.test("without a /proc of its own it sees the machine's, read only", () => {
  assert.match(line({}, { mountsProc: false }), /--dev \/dev --ro-bind \/proc \/proc /);
});

Deno.test("mounts are made in their order, and closed when all that lies in them is there", () => {
  const mounts: Plan["mounts"] = [
    { kind: "writable", path: "/w" },
    { kind: "hiddenDirectory", path: "/w/a", isPassage: true },
    { kind: "writable", path: "/w/a/b" },
    { kind: "hiddenDirectory", path: "/w/c", isPassage: false },
    { kind: "hiddenFile", path: "/w/f" },
  ];
  assert.ok(
    line({ mounts }).includes(
      "--bind /w /w --perms 111 --tmpfs /w/a --bind /w/a/b /w/a/b --perms 000 --tmpfs /w/c --ro-bind /dev/null /w/f",
    ),
  );
  assert.match(line({ mounts }), /--remount-ro \/w\/a --remount-ro \/w\/c --chdir/);
});

Deno.test("an empty root cannot be written to", () => {
  const mounts: Plan["mounts"] = [
    { kind: "readOnly", path: "/usr" },
    { kind: "link", path: "/bin", target: "usr/bin" },
  ];
  assert.match(
    line({ root: "empty", mounts }),
    /--tmpfs \/ .*--ro-bind \/usr \/usr --symlink usr\/bin \/bin --remount-ro \/ /,
  );
});

Deno.test("the journals are read only where they could be written to, and nowhere else shown", () => {
  const journals = /--ro-bind-try \S+exec-server-sandbox-\d+ /;
  const writable = (path: string): Plan["mounts"] => [{ kind: "writable", path }];
  assert.match(line({ root: "writable" }), journals);
  for (const path of [dirname(journalFolder()), journalFolder()]) {
    assert.match(line({ mounts: writable(path) }), journals);
    assert.match(line({ root: "empty", mounts: writable(path) }), journals);
  }
  assert.doesNotMatch(line({ mounts: writable("/work") }), journals);
  assert.doesNotMatch(line({ root: "empty", mounts: writable("/work") }), journals);
});
