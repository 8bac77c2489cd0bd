/** The protocol as JSON Schema, against messages as they are sent. */
import { deepStrictEqual as same, ok } from "node:assert/strict";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { methods } from "../../src/protocol/methods.ts";

const file = new URL("../../docs/protocol.schema.json", import.meta.url);
const { $schema: _, ...schema } = JSON.parse(await Deno.readTextFile(file));

const validate = new AjvJsonSchemaValidator().getValidator(schema);

Deno.test("every method is there, and what is referred to", () => {
  const told = schema.$defs.ClientRequest.oneOf.map((
    { properties }: { properties: { method: { const: string } } },
  ) => properties.method.const);
  same(told, Object.keys(methods));
  for (const [, name] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
    ok(Object.hasOwn(schema.$defs, name!), name);
  }
});

Deno.test("what is sent fits, and what is refused does not", () => {
  const start = {
    processId: "a",
    argv: ["ls"],
    cwd: "file:///tmp",
    env: { LANG: "C" },
    tty: true,
    size: { rows: 24, cols: 80 },
  };
  const request = (params: unknown) => ({ id: 1, method: "process/start", params });
  const chunk = { processId: "a", seq: 1, stream: "pty", chunk: "aGVsbG8=" };
  for (
    const message of [
      { id: 1, method: "initialize", params: { clientName: "test" } },
      request(start),
      { id: "2", method: "environment/info" },
      { method: "process/output", params: chunk },
      { id: 1, result: {} },
      { id: null, error: { code: -32600, message: "no" } },
    ]
  ) same([validate(message).errorMessage, message], [undefined, message]);
  for (
    const message of [
      request({ ...start, argv: "ls" }),
      request({ ...start, env: { LANG: 1 } }),
      request({ ...start, cwd: undefined }),
      { method: "process/output", params: { ...chunk, seq: -1 } },
      { method: "process/output", params: { ...chunk, stream: "stdin" } },
      { id: 1, method: "process/unknown", params: {} },
      { id: 1 },
    ]
  ) ok(!validate(message).valid, JSON.stringify(message));
});
