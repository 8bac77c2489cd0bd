/** Commands and patches of a CLI that asks for a sandbox, as it does unless it is told otherwise. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execCommand } from "../mock_model.ts";
import type { Scenario, Scene } from "../scenario.ts";

/** Below no folder that may be written to: the temporary ones may. */
const outside = "/var/tmp/codex-outside";

const attempts = [
  // In one stream, so that it has an order.
  "exec 2>&1",
  "cat kept",
  "echo x > new; echo $?",
  `echo x > ${outside}; echo $?`,
  "echo x > .git/config; echo $?",
  "mkdir .codex/x; echo $?",
  "cat .git/config",
].join("; ");

async function prepare({ directory, connection }: Scene): Promise<void> {
  await mkdir(join(directory, ".git"));
  await writeFile(join(directory, ".git/config"), "git\n");
  await writeFile(join(directory, "kept"), "kept\n");
  await writeFile(join(directory, "port"), new URL(connection.url).port);
}

/**
 * Both servers protect names in each folder that may be written to, and the original fails where the other one's
 * protection ends meanwhile: in folders that they share, only one scenario writes, and alone.
 */
const onlyWorkspace = "sandbox_workspace_write.exclude_slash_tmp=true";

/** Whether a command gets through to this machine. */
const reach = "(exec 3<>/dev/tcp/127.0.0.1/$(cat port)) 2>/dev/null; echo $?";

export const sandboxes: Scenario[] = [
  {
    name: "commands that may only read",
    surface: "sandbox",
    sandbox: "read-only",
    prepare,
    script: () => [[execCommand("attempts", attempts)], [execCommand("network", reach)]],
    check(run) {
      const { output } = run.command("attempts");
      assert.match(output, /^kept\n.*new: Read-only file system\n1\n.*Read-only file system\n1\n/s);
      assert.match(output, /git\n$/);
      assert.equal(run.command("network").output, "1\n");
    },
  },
  {
    name: "commands that may write to their workspace",
    surface: "sandbox",
    alone: true,
    sandbox: "workspace-write",
    prepare,
    script: () => [[execCommand("attempts", attempts)], [execCommand("network", reach)], [
      execCommand("left", "ls -A"),
    ]],
    check(run) {
      const { output } = run.command("attempts");
      assert.match(
        output,
        /^kept\n0\n.*codex-outside: Read-only file system\n1\n.*config: Read-only file system\n1\n/s,
      );
      assert.match(output, /git\n$/);
      assert.equal(run.command("network").output, "1\n");
    },
  },
  {
    name: "commands that may write to their workspace and use the network",
    surface: "sandbox",
    sandbox: "workspace-write",
    prepare,
    config: () => ["sandbox_workspace_write.network_access=true", onlyWorkspace],
    script: () => [[execCommand("network", reach)], [execCommand("outside", `echo x > ${outside}`)]],
    check(run) {
      assert.equal(run.command("network").output, "0\n");
      assert.equal(run.command("outside").exitCode, 1);
    },
  },
  {
    name: "commands whose only way to the network is a proxy",
    surface: "sandbox",
    sandbox: "workspace-write",
    prepare,
    config: () => [
      "sandbox_workspace_write.network_access=true",
      onlyWorkspace,
      'features.network_proxy={enabled=true,domains={"127.0.0.1"="allow","denied.test"="deny"}}',
    ],
    script: () => [
      [execCommand("allowed", "curl -sS http://127.0.0.1:$(cat port)/readyz -w '%{http_code}\\n'")],
      [execCommand("denied", "curl -sS http://denied.test/ http://other.test/ http://10.0.0.1/")],
      [execCommand("tunnels", "curl -sS https://other.test/; curl -sS -x $ALL_PROXY http://denied.test/")],
      [execCommand("around", reach)],
    ],
    check(run) {
      assert.equal(run.command("allowed").output, "200\n");
      assert.match(run.command("denied").output, /"denied".*"not_allowed".*"not_allowed_local"/);
      assert.match(run.command("tunnels").output, /403[^]*\(97\)/);
      assert.equal(run.command("around").output, "1\n");
    },
  },
  {
    name: "patches inside and outside of a workspace that may be written to",
    surface: "sandboxed files",
    sandbox: "workspace-write",
    prepare,
    config: () => [onlyWorkspace],
    script: () => [
      [execCommand("inside", patch("inside.txt"))],
      [execCommand("git", patch(".git/hooks.txt"))],
      [execCommand("outside", patch(outside))],
      [execCommand("look", "cat inside.txt; ls -A .git")],
    ],
    check(run) {
      assert.match(run.output("inside"), /Success/);
      assert.doesNotMatch(run.output("git"), /Success/);
      assert.doesNotMatch(run.output("outside"), /Success/);
      assert.equal(run.command("look").output, "patched\nconfig\n");
    },
  },
];

function patch(path: string): string {
  return `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path}\n+patched\n*** End Patch\nEOF`;
}
