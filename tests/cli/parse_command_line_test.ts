import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseCommandLine } from "../../src/cli/parse_command_line.ts";
import { UsageError } from "../../src/cli/usage_error.ts";

const flags = {
  "url": { value: "URL", help: "" },
  "env": { value: "K=V", repeat: true, short: "e", help: "" },
  "json": { help: "" },
} as const;
const command = { name: "run", operands: "-- CMD", flags };

function message(args: string[], definition: typeof command = command): string {
  try {
    parseCommandLine(definition, args);
  } catch (error) {
    strictEqual((error as Error).name, "UsageError");
    return (error as Error).message;
  }
  throw new Error("It was taken");
}

Deno.test("flags that were not given are undefined, empty or false", () => {
  const flags = { url: undefined, env: [], json: false };
  deepStrictEqual(parseCommandLine(command, []), { flags, sections: [flags], rest: [] });
});

Deno.test("flags are taken apart until -- or the first argument that is none", () => {
  const { flags, rest } = parseCommandLine(command, [
    "--json",
    "-e",
    "A=1",
    "--env=B=2",
    "ls",
    "--json",
    "-e",
  ]);
  deepStrictEqual(flags, { url: undefined, env: ["A=1", "B=2"], json: true });
  deepStrictEqual(rest, ["ls", "--json", "-e"]);
  deepStrictEqual(parseCommandLine(command, ["--", "--json", "--", "-e"]).rest, ["--json", "--", "-e"]);
  deepStrictEqual(parseCommandLine(command, ["-", "--json"]).rest, ["-", "--json"]);
});

Deno.test("an attached value may hold anything, a separate one anything without a dash in front", () => {
  fc.assert(fc.property(
    fc.array(fc.string({ unit: "binary" }), { maxLength: 5 }),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.array(fc.string(), { maxLength: 3 }),
    (env, url, json, rest) => {
      const args = [
        ...env.flatMap((value, i) => /^-./.test(value) || i % 2 === 0 ? [`--env=${value}`] : ["-e", value]),
        ...(json ? ["--json"] : []),
        `--url=${url}`,
        "--",
        ...rest,
      ];
      const flags = { url, env, json };
      deepStrictEqual(parseCommandLine(command, args), { flags, sections: [flags], rest });
    },
  ));
});

Deno.test("a short flag's value may be attached with an equals sign", () => {
  deepStrictEqual(parseCommandLine(command, ["-e=A=x\ny=z"]).flags.env, ["A=x\ny=z"]);
});

Deno.test("what looks like a number, a boolean or a path into an object stays a text", () => {
  const { flags, rest } = parseCommandLine(command, [
    "--url",
    "007",
    "-e",
    "true",
    "-e",
    "a.b=1e3",
    "--",
    "5",
  ]);
  deepStrictEqual(flags, { url: "007", env: ["true", "a.b=1e3"], json: false });
  deepStrictEqual(rest, ["5"]);
});

Deno.test("mistakes are told in one line each", () => {
  strictEqual(
    message(["--jsn"]),
    'Unknown flag "--jsn" for "run"; did you mean "--json"?',
  );
  strictEqual(message(["-j"]), 'Unknown flag "-j" for "run"; exec-server run --help lists them');
  strictEqual(message(["--no-json"]).startsWith('Unknown flag "--no-json"'), true);
  strictEqual(message(["--__proto__"]).startsWith('Unknown flag "--__proto__"'), true);
  strictEqual(message(["--url"]), 'Flag "--url" needs a value: --url URL');
  strictEqual(message(["--url", "--json"]), 'Flag "--url" needs a value: --url URL');
  strictEqual(message(["-e", "--"]), 'Flag "--env" needs a value: --env K=V');
  strictEqual(message(["--json=1"]), 'Flag "--json" takes no value');
  strictEqual(message(["--url=a", "--url", "b"]), 'Flag "--url" is given more than once');
});

Deno.test("a command without operands refuses them", () => {
  throws(() => parseCommandLine({ name: "serve", flags }, ["--json", "x"]), UsageError);
  throws(() => parseCommandLine({ name: "serve", flags }, ["--", "x"]), /"serve" takes no argument "x"/);
});

Deno.test("each beginning of a section has what stands behind it, and what stands before all", () => {
  const definitions = {
    at: { value: "PLACE", repeat: true, beginsSection: true, help: "" },
    key: { value: "KEY", perSection: true, help: "" },
    level: { value: "LEVEL", help: "" },
  } as const;
  const parse = (...args: string[]) => parseCommandLine({ name: "serve", flags: definitions }, args);
  const several = parse("--at=a", "--key=1", "--at=b", "--level=x", "--at=c", "--key=3");
  deepStrictEqual(several.sections.map(({ at, key }) => [...at, key]), [["a", "1"], ["b", undefined], [
    "c",
    "3",
  ]]);
  deepStrictEqual([several.flags.at, several.flags.level], [["a", "b", "c"], "x"]);
  deepStrictEqual(parse("--key=1", "--at=a", "--at=b").sections.map(({ key }) => key), ["1", "1"]);
  deepStrictEqual(parse("--key=1").sections.map(({ key }) => key), ["1"]);
  deepStrictEqual(parse("--at=a", "--key=1").flags.key, "1");
  for (
    const args of [["--key=1", "--at=a", "--at=b", "--key=2"], ["--at=a", "--key=1", "--key=2", "--at=b"]]
  ) {
    throws(() => parse(...args), /Flag "--key" is given more than once/);
  }
  throws(() => parse("--at=a", "--level=x", "--at=b", "--level=y"), /"--level" is given more than once/);
});
