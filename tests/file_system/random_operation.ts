import fc from "fast-check";

/** One step of the differential test. `ROOT` stands for the URI of the folder it works in. */
export type FileOperation =
  | { method: string; params: unknown; /** Paths in the folder. */ native: string[] }
  /** What no method does: run by bash. */
  | { script: string };

/** Few names, so that operations meet. The last one is not UTF-8. */
const name = fc.constantFrom("a", "b", "d", "e", "f", "l", "dl", "sp ace#é", "n\\xff");
const deepPath = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
/** The FIFO is only looked at: the reference waits for ever when it is to write there. */
const writable = fc.oneof({ weight: 3, arbitrary: name }, { weight: 5, arbitrary: deepPath });
const anyPath = fc.oneof({ weight: 12, arbitrary: writable }, fc.constantFrom("fifo", "fifo/x", ""));

function uri(path: string): string {
  const segments = path.split("/").map((segment) => encodeURIComponent(segment).replace(/%5Cxff/g, "%FF"));
  return path === "" ? "ROOT" : `ROOT/${segments.join("/")}`;
}

const flag = fc.constantFrom(true, true, false, null, undefined);
const data = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.toBase64());
const handleId = fc.constantFrom("h", "i");

function on(method: string, path: fc.Arbitrary<string>, rest: Record<string, fc.Arbitrary<unknown>>) {
  return fc.record({ path, rest: fc.record(rest) }).map(({ path, rest }): FileOperation => ({
    method,
    params: { path: uri(path), ...rest },
    native: [path],
  }));
}

const copyOperation = fc.record({ from: anyPath, to: writable, recursive: fc.boolean() }).map((
  { from, to, recursive },
): FileOperation => ({
  method: "fs/copy",
  params: { sourcePath: uri(from), destinationPath: uri(to), recursive },
  native: [from, to],
}));

const walkOperation = fc.record({
  path: anyPath,
  options: fc.record({
    maxDepth: fc.integer({ min: 0, max: 4 }),
    maxDirectories: fc.integer({ min: 0, max: 8 }),
    maxEntries: fc.integer({ min: 0, max: 20 }),
    followDirectorySymlinks: fc.boolean(),
    pruneHiddenDirectories: fc.boolean(),
  }),
}).map(({ path, options }): FileOperation => ({
  method: "fs/walk",
  params: { path: uri(path), options },
  native: [path],
}));

function handleOperation(method: string, rest: Record<string, fc.Arbitrary<unknown>>) {
  return fc.record({ handleId, ...rest }).map((params): FileOperation => ({ method, params, native: [] }));
}

const offset = fc.integer({ min: 0, max: 60 });

/** A text as a word of bash, in which `\xff` is a byte. */
function word(path: string): string {
  return `$'${path}'`;
}

const scripts = fc.oneof(
  // No link leads out of the folder: with `..` in it, one could, and there the two sides would meet.
  fc.tuple(fc.constantFrom("a", ".", "d", "b", "none", "n\\xff"), fc.boolean(), writable)
    .map(([target, isAbsolute, path]) => `ln -s ${isAbsolute ? "$PWD/" : ""}${word(target)} ${word(path)}`),
  fc.tuple(writable, writable).map(([from, to]) => `[ -f ${word(from)} ] && ln ${word(from)} ${word(to)}`),
  fc.tuple(fc.constantFrom("600", "755", "4711"), writable)
    .map(([mode, path]) => `[ -f ${word(path)} ] && chmod ${mode} ${word(path)}`),
).map((script): FileOperation => ({ script }));

/** Any operation, the usual ones more often. */
export const fileOperation: fc.Arbitrary<FileOperation> = fc.oneof(
  { weight: 4, arbitrary: on("fs/writeFile", writable, { dataBase64: data, followSymlinks: flag }) },
  { weight: 4, arbitrary: on("fs/createDirectory", writable, { recursive: flag, followSymlinks: flag }) },
  { weight: 3, arbitrary: on("fs/readFile", anyPath, { followSymlinks: flag }) },
  { weight: 3, arbitrary: on("fs/getMetadata", anyPath, { followSymlinks: flag }) },
  { weight: 2, arbitrary: on("fs/canonicalize", anyPath, {}) },
  { weight: 2, arbitrary: on("fs/readDirectory", anyPath, {}) },
  { weight: 3, arbitrary: walkOperation },
  {
    weight: 3,
    arbitrary: on("fs/remove", writable, { recursive: flag, force: flag, followSymlinks: flag }),
  },
  { weight: 5, arbitrary: copyOperation },
  {
    weight: 2,
    arbitrary: on("fs/open", writable, { handleId, mode: fc.constantFrom("read", "replace", undefined) }),
  },
  { weight: 2, arbitrary: handleOperation("fs/readBlock", { offset, len: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 2, arbitrary: handleOperation("fs/writeBlock", { offset, chunk: data }) },
  handleOperation("fs/close", {}),
  { weight: 3, arbitrary: scripts },
);
