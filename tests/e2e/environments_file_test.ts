/** What the Codex CLI takes for an `environments.toml` and what it refuses, and that this program does the same. */
import { strictEqual } from "node:assert/strict";
import { EnvironmentsFileError } from "../../src/codex/environments_file.ts";
import { parseNamedEnvironments } from "../../src/codex/environments_text.ts";
import { codexProgram } from "../support/reference_server.ts";
import { codexHome } from "./codex_cli.ts";

const one = '[[environments]]\nid = "a"\n';
const url = `${one}url = "ws://127.0.0.1:1"\n`;
const program = `${one}program = "x"\n`;

const refused = [
  "bogus = 1",
  "default = 3",
  'default = ""',
  'default = "zz"',
  'default = "local"\ninclude_local = false',
  "include_local = 1",
  one,
  `${url}program = "y"`,
  `${one}url = ""`,
  `${one}url = "http://x"`,
  `${one}url = "WS://127.0.0.1:1"`,
  `${url}foo = 1`,
  '[[environments]]\nurl = "ws://x:1"',
  '[[environments]]\nid = ""\nurl = "ws://x:1"',
  '[[environments]]\nid = " a "\nurl = "ws://x:1"',
  '[[environments]]\nid = "NONE"\nurl = "ws://x:1"',
  '[[environments]]\nid = "a/b"\nurl = "ws://x:1"',
  `${url}${url}`,
  `${url}args = ["a"]`,
  `${url}cwd = "/x"`,
  `${program}auth_bearer_token = "t"`,
  `${program}connect_timeout_sec = 3`,
  `${one}program = " "`,
  `${program}args = "y"`,
  `${program}env = { A = 1 }`,
  `${one}url = "ws://example.com"\nauth_bearer_token = "t"`,
  `${url}auth_bearer_token = "a\\nb"`,
  `${url}connect_timeout_sec = -1`,
  `${url}skills = 1`,
  "x = = 1",
];

const taken = [
  "",
  'default = "none"',
  'default = "local"',
  `default = "a"\ninclude_local = false\n${url}`,
  `${one}url = " ws://x:1 "`,
  `${one}url = "ws://127.0.0.1:1/path?x=1"`,
  `${url}auth_bearer_token = ""`,
  `${url}connect_timeout_sec = 1.5\ninitialize_timeout_sec = 0`,
  `${program}initialize_timeout_sec = 3`,
  `${program}args = []\nenv = {}\ncwd = "relative"`,
  `${url}[environments.skills]`,
];

for (const [texts, verdict] of [[refused, "refused"], [taken, "taken"]] as const) {
  Deno.test(`environments.toml: what the Codex CLI has ${verdict} is ${verdict}`, async () => {
    for (let at = 0; at < texts.length; at += 4) {
      await Promise.all(
        texts.slice(at, at + 4).map(async (text) => {
          strictEqual(await judgedByCodex(text), verdict, `Codex: ${text}`);
          strictEqual(judgedHere(text), verdict, text);
        }),
      );
    }
  });
}

function judgedHere(text: string): "refused" | "taken" {
  try {
    parseNamedEnvironments(text, "/home/environments.toml", "/home");
    return "taken";
  } catch (error) {
    if (error instanceof EnvironmentsFileError) return "refused";
    throw error;
  }
}

/** The CLI reads the file before it says hello, and talks to a model that is not there after that. */
async function judgedByCodex(text: string): Promise<"refused" | "taken"> {
  await using home = await codexHome();
  await Deno.writeTextFile(`${home.env.CODEX_HOME}/environments.toml`, text);
  const provider =
    '{name="mock",base_url="http://127.0.0.1:9/v1",env_key="K",wire_api="responses",request_max_retries=0,stream_max_retries=0}';
  const settings = ["model=gpt-5", "model_provider=mock", `model_providers.mock=${provider}`];
  const child = new Deno.Command(codexProgram, {
    args: ["exec", ...settings.flatMap((setting) => ["-c", setting]), "--skip-git-repo-check", "x"],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...home.env, K: "none" },
    cwd: home.path,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    detached: true,
  }).spawn();
  let said = "";
  try {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += part;
      if (/exec-server protocol error/.test(said)) return "refused";
      if (/^OpenAI Codex/m.test(said)) return "taken";
    }
    throw new Error(`The CLI said neither: ${said}`);
  } finally {
    try {
      // The program is a launcher: the CLI itself is its child, in the same process group.
      Deno.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await child.status;
  }
}
