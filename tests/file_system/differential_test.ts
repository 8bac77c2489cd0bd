/**
 * The same random operations through the reference server and through ours, each in a folder of its own: the answers
 * must agree, and so must what is on disk afterwards.
 *
 * `EXEC_SERVER_SEED` and `EXEC_SERVER_RUNS` choose other sequences than the ones that run always.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import process from "node:process";
import fc from "fast-check";
import { DirectFileServer } from "./direct_server.ts";
import { type Answer, type FileServer, startReference } from "./file_server.ts";
import { disk, type Folder, makeFolder } from "./fixture.ts";
import { type FileOperation, fileOperation } from "./random_operation.ts";

const seed = Number(process.env.EXEC_SERVER_SEED ?? 20_260_101);
const runs = Number(process.env.EXEC_SERVER_RUNS ?? 60);
const operationsPerRun = 40;

Deno.test(`${runs * operationsPerRun} random operations end as they do through the reference server`, async () => {
  await using reference = await startReference();
  await using ours = new DirectFileServer(disk);
  let compared = 0;
  const operations = fc.array(fileOperation, {
    minLength: operationsPerRun,
    maxLength: operationsPerRun,
    size: "max",
  });
  await fc.assert(
    fc.asyncProperty(operations, async (sequence) => {
      compared += await compare(reference, ours, sequence);
    }),
    { seed, numRuns: runs, endOnFailure: true },
  );
  // Not every operation has an answer to compare: some make links, and some the reference does wrong.
  assert.ok(compared > runs * operationsPerRun * 0.8, `${compared} answers were compared`);
});

/** Runs a sequence on both sides; how many answers were compared. */
async function compare(reference: FileServer, ours: FileServer, sequence: FileOperation[]): Promise<number> {
  const start = "mkdir -p d/e; printf hello > a; printf x > d/f; ln -s a l; ln -s d dl; mkfifo fifo";
  using theirFolder = makeFolder(start);
  using ourFolder = makeFolder(start);
  const trail: string[] = [];
  let compared = 0;
  for (const operation of sequence) {
    trail.push(JSON.stringify(operation));
    if ("script" in operation) {
      for (const folder of [theirFolder, ourFolder]) folder.sh(`${operation.script} 2>/dev/null || :`);
      continue;
    }
    if (operation.method === "fs/copy" && hitsItself(theirFolder, operation)) continue;
    const answers = await Promise.all([
      ask(reference, theirFolder, operation),
      ask(ours, ourFolder, operation),
    ]);
    trail.push(`  answers: ${JSON.stringify(answers)}`);
    const [their, our] = answers.map(comparable);
    assert.deepEqual(our, their, `the answers differ after\n${trail.join("\n")}`);
    compared++;
    if (operation.method === "fs/copy" && "error" in answers[0]) {
      // How far a copy came before it failed depends on the order of the entries, which is nobody's promise.
      for (const folder of [theirFolder, ourFolder]) folder.sh(`rm -rf -- $'${operation.native[1]}' || :`);
    }
  }
  for (const handleId of ["h", "i"]) {
    await Promise.all([reference, ours].map((server) => server.call("fs/close", { handleId })));
  }
  assert.equal(treeOf(ourFolder), treeOf(theirFolder), `the trees differ after\n${trail.join("\n")}`);
  return compared;
}

/** A copy onto itself, which empties the file in the reference, has nothing to compare. */
function hitsItself(folder: Folder, operation: { native: string[] }): boolean {
  const [source, destination] = operation.native as [string, string];
  return folder.sh(`
    set +e
    src=./$'${source}'; dst=./$'${destination}'
    [ -L "$src" ] && exit 0
    [ -f "$src" ] && [ "$src" -ef "$dst" ] && echo same
    [ -d "$src" ] && find "$src" -type f -printf '%P\\n' | while read -r name; do
      [ "$src/$name" -ef "$dst/$name" ] && echo same
    done
    exit 0
  `) !== "";
}

async function ask(
  server: FileServer,
  folder: Folder,
  operation: Extract<FileOperation, { method: string }>,
): Promise<Answer> {
  const root = `file://${folder.path}`;
  const params = JSON.parse(JSON.stringify(operation.params).replaceAll("ROOT", root));
  const answer = JSON.stringify(await server.call(operation.method, params));
  return JSON.parse(answer.replaceAll(root, "ROOT").replaceAll(folder.path, "NATIVE"));
}

/** The members of an answer that two servers must agree on. */
function comparable(answer: Answer): unknown {
  if ("error" in answer) return answer.error.code;
  const result = answer.result as Record<string, unknown>;
  if ("createdAtMs" in result) {
    const { createdAtMs, modifiedAtMs, ...rest } = result;
    return { ...rest, times: [createdAtMs, modifiedAtMs].map(Number.isInteger) };
  }
  if ("truncated" in result) {
    return { ...result, errors: (result.errors as { path: string }[]).map(({ path }) => path) };
  }
  if ("entries" in result) {
    return (result.entries as unknown[]).map((entry) => JSON.stringify(entry)).toSorted();
  }
  return result;
}

/** Every name with its kind, mode, number of hard links, size, link target, and the sum of its bytes. */
function treeOf(folder: Folder): string {
  return execFileSync("bash", [
    "-c",
    `find . -mindepth 1 -printf '%P %y %m %n %l ' \\( -type f -printf '%s ' -exec sh -c 'cksum < "$1"' _ {} \\; -o -printf '\\n' \\) | LC_ALL=C sort`,
  ], { cwd: folder.path, encoding: "latin1" }).replaceAll(folder.path, "NATIVE");
}
