/** A machine whose disk is full: what is refused, and that everything else goes on. */
import assert from "node:assert/strict";
import { serverCommand, startServer } from "../support/server_process.ts";
import { bytesOf, collect, openClient, startParams, textOf } from "../support/client.ts";

/** A disk of its own is mounted, where nobody else sees it. */
const ignore = Deno.build.os !== "linux" || Deno.uid() !== 0;
const noSpace = { code: -32603, message: /os error 28/ };

/** A server whose HOME, temporary files and log are on a disk that has 64 KiB, all of them taken by `ballast`. */
function serverWithFullDisk(disk: string) {
  const script = [
    `mount -t tmpfs -o size=64k none ${disk}`,
    `{ head -c 65536 /dev/zero >${disk}/ballast; true; }`,
    `exec "$@" 2>${disk}/log`,
  ].join(" && ");
  const serve = [...serverCommand(), "serve", "--listen", "ws://127.0.0.1:0"];
  return startServer({
    command: ["unshare", "-m", "bash", "-c", script, "bash", ...serve],
    env: { ...Deno.env.toObject(), HOME: disk, TMPDIR: disk },
  });
}

Deno.test({
  name: "a server whose disk is full, with its log, serves, and says what finds no room",
  ignore,
  async fn() {
    const disk = await Deno.makeTempDir();
    await using server = await serverWithFullDisk(disk);
    const client = await openClient(server.url);
    const uri = (name: string) => `file://${disk}/${name}`;
    const dataBase64 = btoa("x".repeat(1_000_000));
    await assert.rejects(client.call("fs/writeFile", { path: uri("new"), dataBase64 }), noSpace);
    const copy = { sourcePath: "file:///bin/bash", destinationPath: uri("copy"), recursive: false };
    await assert.rejects(client.call("fs/copy", copy), noSpace);
    for (const tty of [false, true]) {
      const script = `echo before; head -c 100000 /dev/zero >${disk}/mine || echo after`;
      const started = await client.start(startParams(`${tty}`, ["sh", "-c", script], { tty }));
      const { events, exitCode } = await collect(started);
      assert.equal(exitCode, 0);
      assert.match(textOf(bytesOf(events, tty ? "pty" : "stdout")), /before[^]*after/);
    }
    await client.call("fs/watch", { watchId: "disk", path: uri("") });
    await client.call("fs/remove", { path: uri("ballast") });
    await client.call("fs/writeFile", { path: uri("new"), dataBase64: btoa("room") });
    const { dataBase64: read } = await client.call("fs/readFile", { path: uri("new") });
    assert.equal(textOf(read), "room");
    client.close();
    assert.equal((await server.stop()).code, 0);
    await Deno.remove(disk);
  },
});
