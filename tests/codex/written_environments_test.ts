import { deepStrictEqual as same, match, rejects, strictEqual as is } from "node:assert/strict";
import { join } from "node:path";
import { writeEnvironments } from "../../src/codex/written_environments.ts";

const web = { id: "web", url: "ws://127.0.0.1:7300/hosts/default/web" };
const gpu = { id: "lab-gpu", url: "ws://127.0.0.1:7300/hosts/lab/gpu" };

async function withFile(text: string | undefined, body: (part: Part, read: () => string) => Promise<void>) {
  const home = await Deno.makeTempDir();
  try {
    const path = join(home, "environments.toml");
    if (text !== undefined) await Deno.writeTextFile(path, text);
    await body({ path, home, owner: "a gateway" }, () => Deno.readTextFileSync(path));
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

interface Part {
  path: string;
  home: string;
  owner: string;
}

Deno.test("a part is made where there is no file, changed in its place, and taken out", async () => {
  await withFile(undefined, async (part, read) => {
    same(await writeEnvironments(part, [web]), []);
    match(
      read(),
      /^# Written by a gateway.*\n\[\[environments\]\]\nid = "web"\nurl = "ws:[^\n]*web"\n# to here/,
    );
    is(Deno.statSync(part.path).mode! & 0o777, 0o600);
    await Deno.writeTextFile(part.path, `# first\n${read()}# last\n`);
    await writeEnvironments(part, [gpu]);
    match(read(), /^# first\n# Written[^]*lab-gpu[^]*# last\n$/);
    await writeEnvironments(part, []);
    is(read(), "# first\n# last\n");
  });
});

Deno.test("what others wrote stays, byte for byte, and goes before", async () => {
  const own =
    '# mine\r\ndefault = "build"\n[[environments]]\nid = "build"\nprogram = "ssh"\nargs = ["lab"]\n';
  await withFile(own, async (part, read) => {
    same(await writeEnvironments(part, [web, { ...gpu, id: "build" }]), ["build"]);
    is(read().slice(0, own.length), own);
    const other = { ...part, owner: "another" };
    same(await writeEnvironments(other, [web, gpu]), ["web"]);
    await writeEnvironments(part, []);
    await writeEnvironments(other, []);
    is(read(), own);
  });
});

Deno.test("the default stays for as long as it is the default", async () => {
  await withFile("", async (part, read) => {
    await writeEnvironments(part, [web, gpu]);
    await Deno.writeTextFile(part.path, `default = "web"\n${read()}`);
    await writeEnvironments(part, []);
    match(read(), /^default = "web"\n# Written[^]*id = "web"[^]*$/);
    is(/lab-gpu/.test(read()), false);
  });
});

Deno.test("a file that cannot be followed, or would not be, is left as it is", async () => {
  for (const text of ["default =", 'environments = [{ id = "a", url = "ws://x" }]\n', "default = 3\n"]) {
    await withFile(text, async (part, read) => {
      await rejects(() => writeEnvironments(part, [web]), { name: "EnvironmentsFileError" });
      is(read(), text);
      same([...Deno.readDirSync(part.home)].length, 1);
    });
  }
});

Deno.test("a link stays one, and modes stay", async () => {
  await withFile(undefined, async (part) => {
    const real = join(part.home, "real.toml");
    await Deno.writeTextFile(real, "", { mode: 0o640 });
    await Deno.symlink(real, part.path);
    await writeEnvironments(part, [web]);
    is(Deno.lstatSync(part.path).isSymlink, true);
    is(Deno.statSync(real).mode! & 0o777, 0o640);
  });
});
