/** Sandboxes by Landlock: what they keep from being done, and what they cannot be asked for. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { entry, hasLandlock, restricted, rootRead } from "../support/sandbox.ts";
import { serverRuntime } from "../support/server_process.ts";
import { ordinaryUser, serverOfUser } from "../support/user_server.ts";

const script = Deno.readTextFileSync(
  join(fileURLToPath(new URL(".", import.meta.url)), "../support/landlock_attacks.py"),
);
const byLandlock = ["--sandbox-mechanism", "landlock"];

function makeFolder(uid: number) {
  const path = Deno.makeTempDirSync({ dir: "/var/tmp" });
  Deno.writeTextFileSync(join(path, "file"), "kept");
  Deno.mkdirSync(join(path, "directory"));
  if (Deno.uid() === 0) new Deno.Command("chown", { args: ["-R", `${uid}:${uid}`, path] }).outputSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

for (const [whose, uid] of [["this user's", Deno.uid()!], ["an ordinary user's", ordinaryUser]] as const) {
  Deno.test({
    name: `by Landlock, a process of ${whose} server reads everything and changes nothing`,
    ignore: !hasLandlock || (uid === ordinaryUser && (Deno.uid() !== 0 || serverRuntime() === "binary")),
    async fn() {
      using folder = makeFolder(uid);
      await using server = await serverOfUser(uid, folder.path, byLandlock);
      const client = await openClient(server.url);
      const run = async (id: string, argv: string[], network: "restricted" | "enabled", tty = false) => {
        const sandbox = restricted([rootRead], network);
        const params = startParams(id, argv, { cwd: pathToFileUrl(folder.path), sandbox, tty });
        const { stdout, stderr, exitCode } = await collect(await client.start(params));
        return { text: textOf(stdout), errors: textOf(stderr), exitCode };
      };
      const argv = ["python3", "-c", script, folder.path, String(server.pid)];
      for (const network of ["restricted", "enabled"] as const) {
        const { text, errors } = await run(network, argv, network);
        assert.equal(errors, "");
        const worked = network === "enabled" ? ["reach a network"] : [];
        assert.deepEqual(JSON.parse(text), { worked, read: "kept", status: 3 });
      }
      const onTerminal = await run(
        "t",
        ["sh", "-c", "test -t 0 && : >$(tty) >/dev/tty; exit $?"],
        "enabled",
        true,
      );
      assert.equal(onTerminal.exitCode, 0);
      client.close();
    },
  });
}

Deno.test({
  name: "what Landlock cannot say is refused by name, and without it nothing takes its place",
  ignore: !hasLandlock,
  async fn() {
    using folder = makeFolder(Deno.uid()!);
    await using server = await serverOfUser(Deno.uid()!, folder.path, byLandlock);
    const client = await openClient(server.url);
    const file = join(folder.path, "file");
    const proxy = {
      enabled: true,
      enableSocks5: false,
      enableSocks5Udp: false,
      allowUpstreamProxy: false,
      dangerouslyAllowAllUnixSockets: false,
      mode: "full",
      allowLocalBinding: false,
    } as const;
    const cases: [RegExp, Parameters<typeof restricted>[0], object?][] = [
      [/cannot let .* be written to/, [rootRead, entry("write", folder.path)]],
      [/cannot hide .*file; with/, [rootRead, entry("none", file)]],
      [/cannot hide what the policy does not name/, [entry("read", "/usr")]],
      [/cannot give a network of its own/, [rootRead], {
        enforceManagedNetwork: true,
        networkProxy: { proxy },
      }],
    ];
    for (const [message, entries, rest] of cases) {
      const params = startParams(`p${message}`, ["true"], {
        cwd: "file:///usr",
        sandbox: restricted(entries),
        ...rest,
      });
      await assert.rejects(client.start(params), { code: -32603, message });
    }
    const missing = startParams("missing", ["/nonexistent"], {
      cwd: "file:///usr",
      sandbox: restricted([rootRead]),
    });
    await assert.rejects(client.start(missing), { code: -32603, message: /cannot run program/ });
    client.close();
  },
});
