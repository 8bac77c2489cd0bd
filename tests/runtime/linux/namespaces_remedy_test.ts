import assert from "node:assert/strict";
import { namespacesRemedy } from "../../../src/runtime/linux/sandbox/namespaces_remedy.ts";

const remedy = (files: Record<string, string>) =>
  namespacesRemedy({ read: (path) => files[path], exists: (path) => path in files });

Deno.test("the remedy is of what stands in the way on this machine", () => {
  assert.equal(
    remedy({ "/proc/sys/user/max_user_namespaces": "0", "/proc/sys/kernel/unprivileged_userns_clone": "1" }),
    "let its user make user namespaces: sysctl user.max_user_namespaces=10000",
  );
  assert.match(
    remedy({ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1" }),
    /: on Ubuntu an AppArmor/,
  );
  assert.match(remedy({ "/.dockerenv": "" }), /: in a container a seccomp profile/);
});

Deno.test("where nothing is known to stand in the way, every remedy is named", () => {
  assert.match(remedy({}), /max_user_namespaces.*unprivileged_userns_clone.*AppArmor.*in a container/);
});
