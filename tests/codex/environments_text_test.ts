import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { findNamed } from "../../src/machine/named_server.ts";
import { EnvironmentsFileError } from "../../src/codex/environments_file.ts";
import { parseNamedEnvironments } from "../../src/codex/environments_text.ts";
import { lineOfKey } from "../../src/codex/toml_lines.ts";

function read(text: string) {
  return parseNamedEnvironments(text, "/home/environments.toml", "/home");
}

const url = 'url = "ws://127.0.0.1:1"';

Deno.test("environments.toml is read as the Codex CLI reads it", () => {
  const file = read(`
default = "build"

[[environments]]
id = "build"
url = " wss://build.example.com "
auth_bearer_token = "s3cret"
connect_timeout_sec = 2.5
initialize_timeout_sec = 30

[[environments]]
id = "other_1"
program = "ssh"
args = ["host", "exec-server", "serve"]
cwd = "below"
[environments.env]
A = "1"

[[environments]]
id = "third-2"
program = "./server"
cwd = "/absolute"
skills = {}
`);
  deepStrictEqual(file, {
    path: "/home/environments.toml",
    defaultId: "build",
    includeLocal: true,
    environments: [
      {
        id: "build",
        server: { url: "wss://build.example.com", token: "s3cret" },
        connectMs: 2_500,
        initializeMs: 30_000,
      },
      {
        id: "other_1",
        server: { argv: ["ssh", "host", "exec-server", "serve"], env: { A: "1" }, cwd: "/home/below" },
        connectMs: undefined,
        initializeMs: undefined,
      },
      {
        id: "third-2",
        server: { argv: ["./server"], env: {}, cwd: "/absolute" },
        connectMs: undefined,
        initializeMs: undefined,
      },
    ],
  });
});

Deno.test("an empty file is this machine alone", () => {
  const { defaultId, includeLocal, environments } = read("");
  deepStrictEqual([defaultId, includeLocal, environments], ["local", true, []]);
});

/** A mistake, the line on which it is told (none where it stands on none), and how. */
const mistakes: [text: string, line: number | undefined, message: string][] = [
  ["\nx = = 1", 2, "5: invalid value"],
  ["bogus = 1", 1, 'Unknown key "bogus"; the keys are default, include_local, environments'],
  ["\ndefault = 3", 2, "default must be a string"],
  ['include_local = "yes"', 1, "include_local must be true or false"],
  ["environments = 3", 1, "environments must be [[environments]] tables"],
  ['default = "x"', 1, 'The default environment "x" is not configured'],
  ['default = "local"\ninclude_local = false', 1, 'The default environment "local" is not configured'],
  [`[[environments]]\n${url}`, 1, "An environment has no id"],
  [`[[environments]]\nid = ""\n${url}`, 2, "An environment's id is empty"],
  [`[[environments]]\nid = "None"\n${url}`, 2, 'The environment id "None" is reserved'],
  [
    `[[environments]]\n${url}\nid = "a b"`,
    3,
    'The environment id "a b" may only have ASCII letters, digits, "-" and "_"',
  ],
  [
    `[[environments]]\nid = "a"\n${url}\n[[environments]]\n${url}\nid = "a"`,
    6,
    'The environment id "a" is there twice',
  ],
  ['[[environments]]\nid = "a"', 2, 'The environment "a" must have exactly one of url and program'],
  [
    `[[environments]]\nid = "a"\n${url}\nprogram = "x"`,
    2,
    'The environment "a" must have exactly one of url and program',
  ],
  [
    '[[environments]]\nid = "a"\nurl = "unix:/x"',
    3,
    'The url "unix:/x" must be ws://HOST:PORT or wss://HOST:PORT',
  ],
  [
    `[[environments]]\nid = "a"\n${url}\nargs = ["x"]`,
    4,
    'The environment "a" has args, which needs program',
  ],
  [
    `[[environments]]\nid = "a"\n${url}\n[environments.env]\nA = "1"`,
    4,
    'The environment "a" has env, which needs program',
  ],
  [
    '[[environments]]\nid = "a"\nprogram = "x"\nauth_bearer_token = "t"',
    4,
    'The environment "a" has auth_bearer_token, which needs url',
  ],
  ['[[environments]]\nid = "a"\nprogram = " "', 3, "program is empty"],
  ['[[environments]]\nid = "a"\nprogram = "x"\nargs = "y"', 4, "args must be an array of strings"],
  ['[[environments]]\nid = "a"\nprogram = "x"\nenv = { A = 1 }', 4, "env must be a table of strings"],
  [
    `[[environments]]\nid = "a"\n${url}\nconnect_timeout_sec = -1`,
    4,
    "connect_timeout_sec must be a number of seconds, not negative",
  ],
  [
    '[[environments]]\nid = "a"\nurl = "ws://example.com"\nauth_bearer_token = "t"',
    4,
    'auth_bearer_token would go over the network as it is: use wss:// or this machine, not "ws://example.com"',
  ],
  [
    `[[environments]]\nid = "a"\n${url}\nauth_bearer_token = "a\\nb"`,
    4,
    "auth_bearer_token must be printable ASCII",
  ],
  [`[[environments]]\nid = "a"\n${url}\nskills = 1`, 4, "skills must be a table"],
  [`environments = [{ id = "a", ${url}, x = 1 }]`, undefined, 'Unknown key "x"'],
];

for (const [text, line, message] of mistakes) {
  Deno.test(`environments.toml: ${message}`, () => {
    throws(() => read(text), (error) => {
      if (!(error instanceof EnvironmentsFileError)) throw error;
      const where = line === undefined ? ": " : line === 2 && text.includes("= =") ? ":2:" : `:${line}: `;
      strictEqual(
        error.message.slice(0, `/home/environments.toml${where}${message}`.length),
        `/home/environments.toml${where}${message}`,
      );
      return true;
    });
  });
}

Deno.test("a machine is found by its name, and the default without one", () => {
  const two = read(`default = "b"\n[[environments]]\nid = "a"\n${url}\n[[environments]]\nid = "b"\n${url}`);
  const id = (found: ReturnType<typeof findNamed>) => found === "local" ? found : found.id;
  strictEqual(id(findNamed(two, "a")), "a");
  strictEqual(id(findNamed(two)), "b");
  strictEqual(id(findNamed(two, "local")), "local");
  strictEqual(id(findNamed(read(""))), "local");
  throws(
    () => findNamed(two, "c"),
    /^EnvironmentsFileError: No environment "c" in ".*"; there are a, b, local$/,
  );
  const alone = read(`include_local = false\n[[environments]]\nid = "a"\n${url}`);
  throws(() => findNamed(alone), /has no default environment: name one of a$/);
  throws(() => findNamed(alone, "local"), /No environment "local" in ".*"; there are a$/);
  throws(() => findNamed(read('default = "none"')), /has no default environment: name one of local$/);
});

Deno.test("lineOfKey finds a key in its own table only", () => {
  const text = 'id = 0\n[[ "t" ]]\nid = 1\n[t.env]\nA = 1\n[[t]]\nother = 2\nenv.A = 1\n';
  strictEqual(lineOfKey(text, "id"), 1);
  strictEqual(lineOfKey(text, "id", { table: "t", index: 0 }), 3);
  strictEqual(lineOfKey(text, "env", { table: "t", index: 0 }), 4);
  strictEqual(lineOfKey(text, "id", { table: "t", index: 1 }), 6);
  strictEqual(lineOfKey(text, "env", { table: "t", index: 1 }), 8);
  strictEqual(lineOfKey(text, "id", { table: "t", index: 2 }), undefined);
  strictEqual(lineOfKey(text, "none"), undefined);
});
