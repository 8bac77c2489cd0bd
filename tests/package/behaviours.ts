/**
 * Shows the behaviours of backends and of machines with the installed package, on whatever runtime runs this. It is
 * bundled, all but the package. Prints what was not shown; ends with 1 if that is anything.
 *
 *   behaviours.js [URL]    the machine of a server; this machine otherwise
 */
import process from "node:process";
import { Environment } from "exec-server";
import { behaviours } from "../behaviour/backend_suite.ts";
import { machineSuite, type Scene } from "../behaviour/machine_suite.ts";
import { HttpPeer } from "../support/http_peer.ts";
import { TempFolder } from "../support/temp_folder.ts";

const url = process.argv[2];
const hasTerminals = url !== undefined || "Bun" in globalThis || "Deno" in globalThis;
const machine = await Environment.create(url);
const peer = await HttpPeer.start();

let shown = 0;
let failed = 0;
for (const { name, shows } of behaviours) await show(name, () => shows(machine.exec));
for (const { name, shows } of machineSuite) {
  const folder = new TempFolder();
  // The suite has the types of the tree, which the package's are made of.
  const scene = { machine, folder: folder.path, peer } as unknown as Scene;
  await show(name, () => shows(scene));
  await folder[Symbol.asyncDispose]();
}
await peer[Symbol.asyncDispose]();
await machine[Symbol.asyncDispose]();
process.stdout.write(`${shown} shown\n`);
process.exitCode = failed === 0 ? 0 : 1;

async function show(name: string, shows: () => Promise<void>): Promise<void> {
  try {
    await shows();
    shown++;
  } catch (error) {
    const { message, stack } = error as Error;
    // Neither is to be had on Node itself.
    if (!hasTerminals && /Node has no terminals|gives a process none beyond 2/.test(message)) return;
    failed++;
    process.stdout.write(`not shown: ${name}\n${stack}\n`);
  }
}
