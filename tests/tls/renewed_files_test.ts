import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { Logger } from "../../src/observe/logger.ts";
import { RenewedFiles } from "../../src/tls/renewed_files.ts";
import { Authority, replace } from "../support/certificates.ts";

/** A logger whose lines are kept. */
function keptLog(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  return { lines, logger: new Logger({ level: "info", format: "text", write: (line) => lines.push(line) }) };
}

Deno.test("RenewedFiles takes renewed files, and keeps what it has where they are broken", async () => {
  await using authority = await Authority.create();
  const [files, next] = [await authority.issue({ days: 90 }), await authority.issue({ days: 90 })];
  const { logger, lines } = keptLog();
  using renewed = await RenewedFiles.open(files, logger);
  const first = renewed.current;
  const told: string[] = [];
  renewed.renewed.add(({ cert }) => void told.push(cert));
  const text = await readFile(files.cert);
  await writeFile(files.cert, await readFile(next.cert));
  await renewed.reload();
  equal(renewed.current, first);
  match(lines.at(-1)!, /ERROR certificate not renewed .*is not the certificate's/);
  await writeFile(files.cert, text);
  await replace(files, next);
  await renewed.reload();
  notEqual(renewed.current, first);
  deepEqual(told, [await readFile(next.cert, "latin1")]);
  deepEqual(renewed.reloads, { success: 1, failure: 1 });
});

Deno.test("RenewedFiles keeps what it has where a listener cannot take the new", async () => {
  await using authority = await Authority.create();
  const files = await authority.issue({ days: 90 });
  const { logger, lines } = keptLog();
  using renewed = await RenewedFiles.open(files, logger);
  const { current } = renewed;
  renewed.renewed.add(() => {
    throw new Error("no room for a listener");
  });
  await renewed.reload();
  equal(renewed.current, current);
  match(lines.at(-1)!, /not renewed reason="no room for a listener"/);
});

Deno.test("RenewedFiles warns of a certificate that runs out, once", async () => {
  await using authority = await Authority.create();
  const { logger, lines } = keptLog();
  using _soon = await RenewedFiles.open(await authority.issue({ days: 13 }), logger);
  equal(lines.length, 1);
  match(lines[0]!, /WARN +certificate expires soon .*until=\d{4}-\d\d-\d\d/);
  using _later = await RenewedFiles.open(await authority.issue({ days: 15 }), logger);
  equal(lines.length, 1);
});
