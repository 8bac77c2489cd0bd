/** What `fs/*` makes of the operations on files: URIs, base64, and an answer that can be sent. */
import assert from "node:assert/strict";
import { WALK_ANSWER_BYTES, WALK_ENTRY_BYTES, WALK_MAXIMUMS } from "../../src/limits.ts";
import { errorCodes } from "../../src/protocol/errors.ts";
import { formatFileUri } from "../../src/protocol/file_uri.ts";
import { DirectFileServer } from "../file_system/direct_server.ts";
import { assertFails, disk, makeFolder, texts } from "../file_system/fixture.ts";

const { internal, invalidParams, invalidRequest, notFound } = errorCodes;

const limits = { maxDepth: 10, maxDirectories: 100, maxEntries: 100, followDirectorySymlinks: false };

interface Walked {
  readonly entries: readonly { readonly path: string; readonly kind: string }[];
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly truncated: boolean;
}

async function walk(server: DirectFileServer, path: string, options = {}): Promise<Walked> {
  return await server.ask("fs/walk", { path, options: { ...limits, ...options } }) as Walked;
}

Deno.test("fs/canonicalize resolves links, and gives a URI", async () => {
  using folder = makeFolder(`printf x > a; mkdir d; ln -s a ln; ln -s loop loop; touch 'sp ace é#%'`);
  await using server = new DirectFileServer(disk);
  const canonicalize = (path: string) =>
    server.ask("fs/canonicalize", { path: formatFileUri(path, "linux") });
  const root = `file://${folder.path}`;
  assert.deepEqual(await canonicalize(folder.at("ln")), { path: `${root}/a` });
  assert.deepEqual(await canonicalize(folder.at("sp ace é#%")), { path: `${root}/sp%20ace%20%C3%A9%23%25` });
  assert.deepEqual(await canonicalize("/"), { path: "file:///" });
  await assertFails(canonicalize(folder.at("none")), notFound, texts.missing);
  await assertFails(canonicalize(folder.at("loop")), internal, texts.loop);
  await assertFails(canonicalize(folder.at("a/x")), internal, texts.notDirectory);
});

Deno.test("fs/readDirectory tells names that are not text as a person may see them", async () => {
  using folder = makeFolder(`touch $'n\\xff'; mkdir d`);
  await using server = new DirectFileServer(disk);
  const { entries } = await server.ask("fs/readDirectory", { path: `file://${folder.path}` }) as {
    entries: { fileName: string }[];
  };
  assert.deepEqual(entries.toSorted((one, other) => one.fileName < other.fileName ? -1 : 1), [
    { fileName: "d", isDirectory: true, isFile: false },
    { fileName: "n\ufffd", isDirectory: false, isFile: true },
  ]);
});

Deno.test("fs/walk tells paths below its root as the root is spelled", async () => {
  using folder = makeFolder("mkdir -p 'a+b/c@d'; touch 'a+b/c@d/e f'");
  await using server = new DirectFileServer(disk);
  for (const end of ["a%2Bb", "a%2Bb/", "./x/../a%2Bb"]) {
    const { entries } = await walk(server, `file://${folder.path}/${end}`);
    assert.deepEqual(entries.map(({ path }) => path.slice(`file://${folder.path}/`.length)), [
      "a%2Bb/c@d",
      "a%2Bb/c@d/e%20f",
    ]);
  }
});

Deno.test("fs/walk tells names that are not UTF-8 by what can be read of them, and a root by its bytes", async () => {
  using folder = makeFolder(`mkdir $'r\\xff'; touch $'r\\xff/1\\xfe' $'r\\xff/f'`);
  await using server = new DirectFileServer(disk);
  const root = `file://${folder.path}/r%FF`;
  const { entries, errors } = await walk(server, root);
  assert.deepEqual(entries, [{ path: `${root}/f`, kind: "file" }]);
  assert.deepEqual(errors, [{ path: `${root}/1%EF%BF%BD`, message: "The name is not UTF-8" }]);
});

Deno.test("fs/walk stops where the answer would become too large", async () => {
  using folder = makeFolder(`seq -f %0200.0f 20000 | xargs touch`);
  await using server = new DirectFileServer(disk);
  const { entries, truncated } = await walk(server, `file://${folder.path}`, {
    maxEntries: WALK_MAXIMUMS.entries,
  });
  const each = entries[0]!.path.length + WALK_ENTRY_BYTES;
  assert.equal(entries.length, Math.floor(WALK_ANSWER_BYTES / each));
  assert.equal(truncated, true);
});

Deno.test("fs/writeFile refuses what is no base64 with the code of a refusal", async () => {
  using folder = makeFolder();
  await using server = new DirectFileServer(disk);
  const path = `file://${folder.at("f")}`;
  await server.ask("fs/writeFile", { path, dataBase64: "aGk=" });
  assert.deepEqual(await server.ask("fs/readFile", { path }), { dataBase64: "aGk=" });
  const message = "fs/writeFile requires valid base64 dataBase64: Invalid symbol 64, offset 0.";
  await assertFails(server.ask("fs/writeFile", { path, dataBase64: "@@" }), invalidRequest, message);
});

Deno.test("fs/watch tells paths below what it watches as that is spelled", async () => {
  using folder = makeFolder("mkdir -p 'a+b/d'");
  const paths = Promise.withResolvers<string[]>();
  await using server = new DirectFileServer(
    disk,
    ({ changes }) => paths.resolve(changes.map(({ path }) => path)),
  );
  const path = `file://${folder.path}/a%2Bb`;
  assert.deepEqual(await server.ask("fs/watch", { watchId: "w", path, recursive: true }), { watchId: "w" });
  folder.sh(`touch $'a+b/d/n\\xff'`);
  assert.deepEqual(await paths.promise, [`${path}/d/n%FF`]);
});

Deno.test("fs/watchMissing waits for no path of another machine, and refuses what is no URI", async () => {
  using folder = makeFolder();
  await using server = new DirectFileServer(disk);
  let watchId = 0;
  const watch = (missing: string[], present?: string) =>
    server.ask("fs/watchMissing", { watchId: ++watchId, missing, ...present && { present } });
  const here = `file://${folder.at("x")}`;
  assert.deepEqual(await watch([here]), { watching: true });
  assert.deepEqual(await watch(["file://otherhost/x"]), { watching: false });
  assert.deepEqual(await watch([here, "file://otherhost/x"]), { watching: false });
  assert.deepEqual(await watch([here], "file://otherhost/x"), { watching: false });
  await assertFails(watch(["/native/path"]), invalidParams);
});

Deno.test("a path of another machine is refused, and one that none can be is not found", async () => {
  await using server = new DirectFileServer(disk);
  const read = (path: string) => server.ask("fs/readFile", { path });
  await assertFails(read("file://otherhost/x"), invalidRequest, "'file://otherhost/x' is invalid on 'linux'");
  await assertFails(read("file:///a%2Fb"), notFound, texts.missing);
  await assertFails(read("file:///tmp"), invalidRequest, "path `/tmp` is not a file");
  await assertFails(read("file:///dev/null/x"), internal, texts.notDirectory);
});
