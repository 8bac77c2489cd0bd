/**
 * Shows the behaviours of backends with the installed package, on whatever runtime runs this. It is bundled, all but the
 * package. Prints what was not shown; ends with 1 if that is anything.
 *
 *   behaviours.js [URL]    a server's URL, for its processes; this machine's otherwise
 */
import process from "node:process";
import { ExecServerClient, LocalBackend, RemoteBackend, webSocketConnector } from "exec-server";
import { behaviours } from "../behaviour/backend_suite.ts";

const url = process.argv[2];
const hasTerminals = url !== undefined || "Bun" in globalThis || "Deno" in globalThis;
const client = url === undefined ? undefined : await ExecServerClient.connect(webSocketConnector(url));
const local = new LocalBackend();
const backend = client ? new RemoteBackend(client) : local;

let shown = 0;
let failed = 0;
for (const { name, shows } of behaviours) {
  try {
    await shows(backend);
    shown++;
  } catch (error) {
    const { message, stack } = error as Error;
    if (!hasTerminals && /Node has no terminals/.test(message)) continue;
    failed++;
    process.stdout.write(`not shown: ${name}\n${stack}\n`);
  }
}
client?.close();
await local[Symbol.asyncDispose]();
process.stdout.write(`${shown} shown\n`);
process.exitCode = failed === 0 ? 0 : 1;
