import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diskNow, type DiskView } from "../../src/sandbox/disk_view.ts";
import { planOf } from "../../src/sandbox/plan.ts";
import type { Access, EntryPlace, Policy, PolicyEntry, Surroundings } from "../../src/sandbox/policy.ts";
import { resolvePolicy } from "../../src/sandbox/resolve_policy.ts";

/** A folder with what is named: `name/` is a directory, `name -> target` a link, `name = text` a file. */
class Folder implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync());

  constructor(...contents: string[]) {
    for (const line of contents) {
      const [, name = "", sign, text = ""] = /^(.*?)(?: (->|=) (.*))?$/.exec(line)!;
      const path = join(this.path, name);
      if (sign === "->") symlinkSync(text, path);
      else if (sign === "=") writeFileSync(path, text + "\n");
      else mkdirSync(path, { recursive: true });
    }
  }

  at(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const entry = (access: Access, place: string | EntryPlace): PolicyEntry => ({
  access,
  place: typeof place === "string" ? { kind: "path", path: place } : place,
});
const rootRead = entry("read", { kind: "root" });
const workspace = entry("write", { kind: "workspace" });
const policy = (root: string, ...entries: PolicyEntry[]): Policy => ({
  files: { entries, workspaceRoots: [root], patternsFrom: root },
  network: "restricted",
});
const nowhere: Surroundings = { temporaryDirectory: undefined, home: undefined };
const resolved = (of: Policy, surroundings = nowhere) => resolvePolicy(of, surroundings);

/** What a policy says of names in a folder. */
async function classes(folder: Folder, entries: PolicyEntry[], names: string[]): Promise<string[]> {
  const { places } = await resolved(policy(folder.path, ...entries));
  return names.map((name) => places.at(folder.at(name)).class);
}

Deno.test("the grade follows from what a policy says, not from what exists", async () => {
  const rootWrite = entry("write", { kind: "root" });
  const grade = async (files: PolicyEntry[] | undefined, network: Policy["network"]) => {
    const of = files ? policy("/", ...files) : { files, network };
    return (await resolved({ ...of, network })).grade;
  };
  strictEqual(await grade(undefined, "enabled"), "none");
  strictEqual(await grade(undefined, "restricted"), "systemCalls");
  strictEqual(await grade([rootWrite], "enabled"), "none");
  strictEqual(await grade([rootWrite, rootRead], "restricted"), "systemCalls");
  strictEqual(await grade([rootWrite, entry("read", "/nowhere/at/all")], "enabled"), "full");
  strictEqual(await grade([entry("write", { kind: "root", subpath: "tmp" })], "enabled"), "full");
  strictEqual(await grade([], "enabled"), "full");
});

Deno.test("the deepest entry decides, in whatever order they stand", async () => {
  using folder = new Folder("sub/deep/");
  const entries = [
    rootRead,
    workspace,
    entry("read", folder.at("sub")),
    entry("write", folder.at("sub/deep")),
  ];
  const names = ["x", "sub", "sub/x", "sub/deep", "sub/deep/x", "subx"];
  const expected = ["writable", "readOnly", "readOnly", "writable", "writable", "writable"];
  deepStrictEqual(await classes(folder, entries, names), expected);
  deepStrictEqual(await classes(folder, entries.toReversed(), names), expected);
});

Deno.test("of several entries for a path, none beats write beats read", async () => {
  using folder = new Folder("a/", "b/", "c/");
  const entries = [
    rootRead,
    ...(["none", "write", "read"] as const).map((access) => entry(access, folder.at("a"))),
    ...(["write", "read"] as const).map((access) => entry(access, folder.at("b"))),
  ];
  deepStrictEqual(await classes(folder, entries, ["a", "b", "c"]), ["denied", "writable", "readOnly"]);
});

Deno.test("below a hidden place only write opens anything, and the place can be passed then", async () => {
  using folder = new Folder("a/deep/", "b/deep/");
  const { places } = await resolved(policy(
    folder.path,
    rootRead,
    entry("none", folder.at("a")),
    entry("write", folder.at("a/deep")),
    entry("none", folder.at("b")),
    entry("read", folder.at("b/deep")),
  ));
  const { place, ...a } = places.at(folder.at("a"));
  deepStrictEqual(a, { class: "denied", isPlace: true, isPassage: true });
  strictEqual(place?.kind, "directory");
  strictEqual(places.at(folder.at("a/deep/x")).class, "writable");
  strictEqual(places.at(folder.at("a/x")).class, "denied");
  strictEqual(places.at(folder.at("b/deep/x")).class, "denied");
  strictEqual(places.at(folder.at("b")).isPassage, false);
});

Deno.test("without an entry for the root, what is not listed is absent, and links lead to what is", async () => {
  using folder = new Folder();
  const { places, links } = await resolved(
    policy(folder.path, entry("read", { kind: "minimal" }), workspace),
  );
  strictEqual(places.at("/usr/bin").class, "readOnly");
  strictEqual(places.at("/opt").class, "absent");
  strictEqual(places.at(folder.at("x")).class, "writable");
  deepStrictEqual(
    [places.at("/").isPassage, places.at("/opt").isPassage, places.at("/etc").isPassage],
    [true, false, false],
  );
  for (const { path } of links) strictEqual(Deno.lstatSync(path).isSymlink, true);
  strictEqual(links.some(({ path }) => path === "/bin"), Deno.lstatSync("/bin").isSymlink);
});

Deno.test("the protected names of every writable directory are read only, there or not", async () => {
  using folder = new Folder("w/.git/", "w/sub/", "v/");
  const { places } = await resolved(policy(
    folder.path,
    rootRead,
    entry("write", folder.at("w")),
    entry("write", folder.at("v")),
    entry("write", folder.at("v/.codex")),
  ));
  const says = (name: string) => {
    const { class: found, place } = places.at(folder.at(name));
    return [found, place?.kind, place?.isProtected];
  };
  deepStrictEqual(says("w/.git/config"), ["readOnly", "directory", true]);
  deepStrictEqual(says("w/.aws"), ["readOnly", "missing", true]);
  deepStrictEqual(says("w/sub/.git"), ["writable", "directory", false]);
  // An entry for exactly that path lifts it.
  deepStrictEqual(says("v/.codex"), ["writable", "directory", false]);
});

Deno.test("what a .git file points at is read only too", async () => {
  using folder = new Folder("w/", "real/", "w/.git = gitdir: ../real");
  const { places } = await resolved(
    policy(folder.path, rootRead, workspace, entry("write", folder.at("w"))),
  );
  strictEqual(places.at(folder.at("real/config")).class, "readOnly");
  strictEqual(places.at(folder.at("w/.git")).place?.kind, "file");
});

Deno.test("a missing path is dropped for write, and kept from being made otherwise", async () => {
  using folder = new Folder("ro/");
  const write = await resolved(policy(folder.path, rootRead, entry("write", folder.at("nope"))));
  strictEqual(write.places.at(folder.at("nope")).class, "readOnly");
  for (const access of ["read", "none"] as const) {
    const { places } = await resolved(
      policy(folder.path, rootRead, workspace, entry(access, folder.at("nope/x/y"))),
    );
    const { class: found, place } = places.at(folder.at("nope/x/y"));
    strictEqual(found === "writable", false);
    deepStrictEqual([place?.path, place?.kind], [folder.at("nope"), "missing"]);
  }
  const elsewhere = await resolved(policy(folder.path, rootRead, entry("none", folder.at("ro/nope"))));
  deepStrictEqual(elsewhere.places.sorted(), []);
});

Deno.test("write on a link opens what it leads to", async () => {
  using folder = new Folder("real/", "link -> real");
  const entries = [rootRead, entry("write", folder.at("link"))];
  deepStrictEqual(await classes(folder, entries, ["real/x", "link"]), ["writable", "readOnly"]);
});

Deno.test("a link that a process could have made opens nothing for the next one", async () => {
  using folder = new Folder("real/", "w/", "w/out -> ../real", "w/in -> sub", "w/sub/", "w/gone -> nowhere");
  const through = (name: string) =>
    resolved(policy(folder.at("w"), rootRead, workspace, entry("write", folder.at(name))));
  await rejects(through("w/out"), {
    name: "UnenforceableError",
    message: /w\/out cannot be opened, because the link .*\/w\/out on the way there could be changed/,
  });
  // It leads to what is open, or to nothing.
  for (const name of ["w/in", "w/gone", "w/missing"]) await through(name);
});

Deno.test("what could be led elsewhere by a link is refused", async () => {
  using folder = new Folder("real/", "link -> real", "w/", "w/.git -> ../real");
  for (const access of ["none", "read"] as const) {
    await rejects(resolved(policy(folder.path, rootRead, workspace, entry(access, folder.at("link")))), {
      name: "UnenforceableError",
      message: /because the link .*\/link on the way there could be changed/,
    });
  }
  await rejects(resolved(policy(folder.at("w"), rootRead, workspace)), /\.git cannot be kept read only/);
  // The link lies where nothing can be written.
  const still = await resolved(policy(folder.path, rootRead, entry("none", folder.at("link"))));
  strictEqual(still.places.at(folder.at("real")).class, "denied");
});

Deno.test("a subpath that leaves its place stands for nothing", async () => {
  using folder = new Folder("a/", "b/");
  for (const subpath of ["../b", "x/../../b", folder.at("b")]) {
    const { places } = await resolved(
      policy(folder.at("a"), rootRead, entry("write", { kind: "workspace", subpath })),
    );
    deepStrictEqual(places.sorted(), []);
  }
});

Deno.test("a subpath of the root or of /tmp opens no more than it says", async () => {
  const { places, root } = await resolved(
    policy("/", rootRead, entry("write", { kind: "root", subpath: "tmp" })),
  );
  strictEqual(root, "readOnly");
  strictEqual(places.at("/tmp/x").class, "writable");
  const below = await resolved(policy("/", rootRead, entry("write", { kind: "slash_tmp", subpath: "nope" })));
  strictEqual(below.places.at("/tmp/x").class, "readOnly");
});

Deno.test("tmpdir is the confined one's own, and has to exist", async () => {
  using folder = new Folder("t/");
  const tmpdir = policy(folder.path, rootRead, entry("write", { kind: "tmpdir" }));
  const at = async (temporaryDirectory: string | undefined) =>
    (await resolved(tmpdir, { ...nowhere, temporaryDirectory })).places.at(folder.at("t/x")).class;
  strictEqual(await at(folder.at("t")), "writable");
  strictEqual(await at(undefined), "readOnly");
  await rejects(at(folder.at("missing")), /TMPDIR names .*missing, which does not exist/);
});

Deno.test("a pattern hides the files that match now, and gives nothing", async () => {
  using folder = new Folder("sub/deep/", "a.pem = k", "sub/k.pem = k", "sub/k.txt = k", "sub/deep/x.pem = k");
  const pattern = (access: Access) => entry(access, { kind: "pattern", pattern: "**/*.pem" });
  const names = ["a.pem", "sub/k.pem", "sub/deep/x.pem", "sub/k.txt", "new.pem"];
  const none = await classes(folder, [rootRead, workspace, pattern("none")], names);
  deepStrictEqual(none, ["denied", "denied", "denied", "writable", "writable"]);
  for (const access of ["read", "write"] as const) {
    await rejects(resolved(policy(folder.path, rootRead, pattern(access))), /cannot give access/);
  }
  const of = policy(folder.path, rootRead, workspace, pattern("none"));
  const { places } = await resolved({ ...of, files: { ...of.files!, patternDepth: 2 } });
  deepStrictEqual(names.map((name) => places.at(folder.at(name)).class).slice(0, 3), [
    "denied",
    "denied",
    "writable",
  ]);
});

Deno.test("a plan mounts shallow before deep, with what stands in for what is missing", async () => {
  using folder = new Folder("secret/open/", "f = f", "ro/");
  const resolution = await resolved(policy(
    folder.path,
    rootRead,
    workspace,
    entry("none", folder.at("secret")),
    entry("write", folder.at("secret/open")),
    entry("none", folder.at("f")),
    entry("read", folder.at("ro")),
    entry("none", folder.at("nope")),
  ));
  const { mounts, ...plan } = planOf(resolution);
  deepStrictEqual(plan, { grade: "full", root: "readOnly", hasNetwork: false, filter: "noNetwork" });
  const shown = mounts.map(({ kind, path, ...more }) =>
    [kind, path.slice(folder.path.length), ...Object.values(more)].join(" ")
  );
  deepStrictEqual(shown, [
    "writable ",
    ...[".agents", ".aws", ".codex", ".git"].map((name) => `emptyDirectory /${name}`),
    "hiddenFile /f",
    "emptyFile /nope",
    "readOnly /ro",
    "hiddenDirectory /secret true",
    "writable /secret/open",
    ...[".agents", ".aws", ".codex", ".git"].map((name) => `emptyDirectory /secret/open/${name}`),
  ]);
});

Deno.test("a policy without restrictions of files has an empty plan", async () => {
  const plan = planOf(await resolved({ files: undefined, network: "restricted" }));
  deepStrictEqual(plan, {
    grade: "systemCalls",
    root: "writable",
    mounts: [],
    hasNetwork: false,
    filter: "noNetwork",
  });
});

Deno.test("directories on the way to what may not be changed or seen are mounted, so that nobody can rename them", async () => {
  using folder = new Folder("a/b/c/", "d/e/", "w/");
  const { mounts } = planOf(
    await resolved(policy(
      folder.path,
      rootRead,
      workspace,
      entry("write", folder.at("w")),
      entry("read", folder.at("a/b/c")),
      entry("none", folder.at("d/e")),
    )),
  );
  const shown = mounts.filter(({ kind }) => kind !== "emptyDirectory").map(({ kind, path }) =>
    `${kind} ${path.slice(folder.path.length)}`
  );
  deepStrictEqual(shown, [
    "writable ",
    "writable /a",
    "writable /d",
    "writable /w",
    "writable /a/b",
    "hiddenDirectory /d/e",
    "readOnly /a/b/c",
  ]);
});

Deno.test("a disk whose answers take time is asked the same, and says the same", async () => {
  using folder = new Folder("a/b/", "real/c/", "link -> real", "w/", "w/.git = gitdir: ../a/b");
  const of = policy(
    folder.path,
    rootRead,
    entry("write", folder.at("w")),
    entry("write", folder.at("a")),
    entry("read", folder.at("link/c")),
    entry("none", folder.at("no/such")),
    entry("none", folder.at("a/no")),
  );
  const quick = diskNow(new Set());
  const slow: DiskView = {
    ...quick,
    kindOf: async (path) => await quick.kindOf(path),
    linkTarget: async (path) => await quick.linkTarget(path),
  };
  const plans = await Promise.all(
    // The last one is this machine's, with the folder on a file system that may not answer.
    [quick, slow, diskNow(new Set([folder.path]))].map(async (disk) =>
      planOf(await resolvePolicy(of, nowhere, disk))
    ),
  );
  deepStrictEqual(plans[1], plans[0]);
  deepStrictEqual(plans[2], plans[0]);
  strictEqual(
    plans[0]?.mounts.some(({ path, kind }) => path === folder.at("a/b") && kind === "readOnly"),
    true,
  );
});
