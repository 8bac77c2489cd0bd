/** The real Codex CLI at a server that speaks TLS. */
import { deepEqual, rejects } from "node:assert/strict";
import { Authority } from "../support/certificates.ts";
import { startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { runCodex } from "./codex_cli.ts";
import { execCommand } from "./mock_model.ts";

Deno.test("Codex works through exec-server at wss:// where SSL_CERT_FILE names its authority", async () => {
  await using authority = await Authority.create();
  await using stranger = await Authority.create("stranger");
  await using folder = new TempFolder();
  const { cert, key } = await authority.issue();
  await using server = await startServer({
    listen: "wss://127.0.0.1:0",
    args: ["--tls-cert", cert, "--tls-key", key],
  });
  const turn = (authority: string) =>
    runCodex({
      serverUrl: server.url.replace("127.0.0.1", "localhost"),
      directory: folder.path,
      script: [[execCommand("works", "echo hello; exit 3")]],
      env: { SSL_CERT_FILE: authority },
    });
  const run = await turn(authority.cert);
  deepEqual(run.command("works"), { output: "hello\n", exitCode: 3, tokens: [2] });
  await rejects(async () => (await turn(stranger.cert)).command("works"));
});
