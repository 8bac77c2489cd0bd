/** `run --user`, and what is said of a command line in one word. */
import { deepStrictEqual as same, match, strictEqual as is } from "node:assert/strict";
import { runCommand } from "../support/command.ts";

const isRoot = Deno.uid() === 0;
const needsRoot = { ignore: !isRoot || !await has("setpriv") };

async function has(program: string): Promise<boolean> {
  return await new Deno.Command(program, { args: ["--version"] }).output().then(() => true, () => false);
}

Deno.test({
  name: "a command runs as another user, with that one's variables and its own exit status",
  ...needsRoot,
  async fn() {
    const script = 'id -un; echo "$USER $HOME $A"; exit 3';
    const ran = await runCommand(["run", "-u", "daemon", "-e", "A=1", "--", "sh", "-c", script]);
    same([ran.code, ran.text], [3, "daemon\ndaemon /usr/sbin 1\n"]);
    const given = await runCommand(["run", "--user=daemon", "-e", "HOME=/x", "--", "sh", "-c", "echo $HOME"]);
    same([given.code, given.text], [0, "/x\n"]);
    is((await runCommand(["run", "-u", "daemon", "--", "sh", "-c", "kill -TERM $$"])).code, 128 + 15);
    is((await runCommand(["run", "-u", "daemon", "--", "no-such-program"])).code, 127);
    const unknown = await runCommand(["run", "-u", "no such user", "--", "id"]);
    same([unknown.code, unknown.stderr], [
      125,
      "exec-server: the server's machine has no user no such user\n",
    ]);
  },
});

Deno.test("another user needs root's rights, which a sandbox takes away", async () => {
  const confined = await runCommand(["run", "-u", "daemon", "--sandbox", "read-only", "--", "id"]);
  is(confined.code, 2);
  match(confined.stderr, /--user needs root's rights, which --sandbox takes away/);
  if (isRoot) return;
  const refused = await runCommand(["run", "-u", "daemon", "--", "id"]);
  same([refused.code, refused.stderr], [125, "exec-server: --user needs a server that runs as root\n"]);
});

Deno.test("a command line in one word is told to be taken apart", async () => {
  const ran = await runCommand(["run", "--", "echo hello world"]);
  is(ran.code, 127);
  match(ran.stderr, /a whole command line in one word: give its words apart, or put sh -c in front/);
  const other = await runCommand(["run", "--", "no-such-program", "a b"]);
  is(other.stderr.includes("one word"), false);
});
