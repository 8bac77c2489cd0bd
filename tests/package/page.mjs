/**
 * Uses the package as a page does, with nothing but the web platform. It is bundled for browsers; whoever runs the
 * bundle sets `execServerUrl` before and awaits `execServerPage` after.
 */
import {
  connect,
  encodeBase64,
  ExecServerClient,
  RemoteBackend,
  UnifiedExecProcess,
  webSocketConnector,
} from "exec-server";

globalThis.execServerPage = use(globalThis.execServerUrl);

async function use(url) {
  const client = await ExecServerClient.connect(webSocketConnector(url));
  const backend = new RemoteBackend(client);

  const failing = new UnifiedExecProcess(await backend.start({ argv: ["sh", "-c", "echo out; exit 3"] }));
  await failing.ended;

  const cat = await backend.start({ argv: ["cat"], pipeStdin: true });
  const sent = new Uint8Array(2_000_003).map((_, at) => (at * 31) >> 5);
  const echoed = compare(cat.events({ lossless: true }), sent);
  await cat.write(sent);
  await cat.closeStdin();

  const shell = new UnifiedExecProcess(await backend.start({ argv: ["sh"], tty: true }));
  await shell.write("stty size; echo $((6 * 7))\n");
  const matched = await shell.waitUntil({ pattern: /24 80\r\n42\r\n/, deadlineMs: 20_000 });
  await shell.terminate();

  const path = `${client.environmentInfo.tempDir}/exec-server-page-${crypto.randomUUID()}`;
  await client.call("fs/writeFile", { path, dataBase64: encodeBase64(new TextEncoder().encode("grüße")) });
  const { dataBase64 } = await client.call("fs/readFile", { path });
  await client.call("fs/remove", { path });

  const machine = await connect(url);
  const { stdout, exitCode } = await machine.run("echo page; exit 4");
  const lines = [];
  for await (const line of machine.run("seq 3").lines()) lines.push(line);
  const late = await machine.run("sleep 60", { timeoutMs: 200, throwOnError: true }).catch(({ code }) =>
    code
  );
  await machine.files.writeText(`${path}/text`, "grüße");
  const text = await machine.files.readText(`${path}/text`);
  const refused = await machine.files.upload("/x", path).catch(({ code }) => code);
  await machine.files.remove(path, { recursive: true });
  await machine.close();

  client.close();
  const afterwards = await client.call("environment/status", null).catch(({ name }) => name);
  return {
    output: failing.output,
    exitCode: failing.state.exitCode,
    echoed: await echoed,
    matched,
    killed: shell.state.exitCode,
    read: new TextDecoder().decode(dataBase64),
    afterwards,
    programs: [stdout, exitCode, lines.join(), late, text, refused],
  };
}

async function compare(events, expected) {
  let [length, wrong] = [0, 0];
  for await (const event of events) {
    if (event.kind !== "output") continue;
    wrong += event.bytes.filter((byte, at) => byte !== expected[length + at]).length;
    length += event.bytes.length;
  }
  return { length, wrong };
}
