/**
 * The suite of machine behaviours on the runtime that runs this file: against its own machine, or against the server
 * whose URL is the first argument. Prints one line per behaviour that is not shown, and a summary; ends with 1 when
 * there was one.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { deadline } from "@std/async/deadline";
import { Environment } from "../../src/machine/environment.ts";
import { thisHost as host } from "../../src/runtime/this_host.ts";
import { HttpPeer } from "../support/http_peer.ts";
import { machineSuite } from "./machine_suite.ts";

let failed = 0;
const machine = await Environment.create(process.argv[2], { host });
const peer = await HttpPeer.start();
for (const { name, shows } of machineSuite) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "machine-")));
  try {
    await deadline(shows({ machine, folder, peer }), 20_000);
  } catch (error) {
    failed++;
    process.stdout.write(`NOT SHOWN: ${name}: ${(error as Error)?.stack ?? error}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
await machine[Symbol.asyncDispose]();
await peer[Symbol.asyncDispose]();
process.stdout.write(`${machineSuite.length - failed} shown, ${failed} not shown\n`);
process.exit(failed > 0 ? 1 : 0);
