/** The protocol as JSON Schema, for programs in other languages: every message, params and result. */
import { type ConversionConfig, type JsonSchema, toJsonSchemaDefs } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { clientMethods, type MethodDefinition, methods, notifications } from "../../src/protocol/methods.ts";
import * as descriptors from "../../src/protocol/schemas/descriptors.ts";
import * as values from "../../src/protocol/schemas/values.ts";
import type { Descriptions } from "./descriptions.ts";
import { type Row, shapesOf } from "./schema_types.ts";

/** A part of the document. */
type Part = Record<string, unknown>;

/** What has no conversion, or says less than it means. Of those with checks, the conversion sees what is checked. */
const simple = new Map<unknown, JsonSchema>([
  [values.exactUnsigned.pipe[0], { type: "integer", minimum: 0 }],
  [values.textOrBytes, { type: "string", contentEncoding: "base64" }],
  [values.fileUri, { type: "string", format: "uri" }],
  [values.textRecord.pipe[0], { type: "object", additionalProperties: { type: "string" } }],
  [descriptors.descriptorOutput, { type: "string", pattern: "^fd([3-9]|[1-5][0-9]|6[0-3])$" }],
  [values.noParams, { type: ["object", "null"], maxProperties: 0 }],
]);

/** As things are sent: where it is taken apart, what is sent is written down. */
const config: ConversionConfig = {
  target: "draft-2020-12",
  typeMode: "input",
  errorMode: "ignore",
  overrideSchema: ({ valibotSchema }) => simple.get(valibotSchema),
};

/** @param objects the objects that have a name, which the others refer to */
export function protocolSchema(
  objects: Readonly<Record<string, v.GenericSchema>>,
  known: Descriptions,
): string {
  const schemas: Record<string, v.GenericSchema> = { ...objects };
  const put = (name: string, schema: v.GenericSchema) => {
    schemas[name] = schema;
    return name;
  };
  const call = ([method, { params, result }]: [string, Pick<MethodDefinition, "params" | "result">]) => {
    put(`${pascalCase(method)}Result`, result);
    return message(method, put(`${pascalCase(method)}Params`, params), { id: { $ref: "#/$defs/RequestId" } });
  };
  const requests = Object.entries<MethodDefinition>(methods).map(call);
  const serverRequests = Object.entries(clientMethods).map(call);
  const told = Object.entries<v.GenericSchema>(notifications).map(([method, schema]) =>
    message(method, put(`${pascalCase(method)}Notification`, schema), {})
  );
  const converted = toJsonSchemaDefs(schemas, config) as Record<string, Part>;
  for (const [name, schema] of Object.entries(schemas)) describe(converted[name]!, schema, known);
  const document = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "exec-server",
    description:
      "Every message of the protocol, as docs/protocol.md explains it. What is bytes in a binary frame is " +
      "base64 here. A result is METHODResult, by the method of the request with its id.",
    anyOf: ["ClientRequest", "ServerRequest", "ServerNotification", "Answer"].map(reference),
    $defs: {
      ClientRequest: { oneOf: requests },
      ServerRequest: { oneOf: serverRequests },
      ServerNotification: { oneOf: told },
      ...envelope,
      ...converted,
    },
  };
  return JSON.stringify(document);
}

const envelope = {
  RequestId: { type: ["integer", "string"] },
  Answer: {
    type: "object",
    properties: {
      jsonrpc: { const: "2.0" },
      id: { anyOf: [{ $ref: "#/$defs/RequestId" }, { type: "null" }] },
      result: {},
      error: {
        type: "object",
        properties: { code: { type: "integer" }, message: { type: "string" }, data: {} },
        required: ["code", "message"],
      },
    },
    required: ["id"],
    oneOf: [{ required: ["result"] }, { required: ["error"] }],
  },
};

function message(method: string, params: string, more: Part): Part {
  const mayLackParams =
    (methods as Record<string, MethodDefinition>)[method]?.params as unknown === values.noParams;
  return {
    type: "object",
    properties: {
      jsonrpc: { const: "2.0" },
      ...more,
      method: { const: method },
      params: reference(params),
    },
    required: [...Object.keys(more), "method", ...mayLackParams ? [] : ["params"]],
  };
}

function reference(name: string): Part {
  return { $ref: `#/$defs/${name}` };
}

/** `process/start` as `ProcessStart`. */
function pascalCase(method: string): string {
  return method.split("/").map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

/** Puts what the reference says of members beside them. */
function describe(converted: Part, schema: v.GenericSchema, known: Descriptions): void {
  for (const { when, rows } of shapesOf(schema, known.of(schema), known)) {
    if (when === undefined) rows.forEach((row) => describeMember(converted, row));
  }
}

function describeMember(converted: Part, { path, description }: Row): void {
  let place: Part | undefined = converted;
  for (const name of path.split(".")) {
    for (const word of name.split(/(?=\[\])/)) {
      const inner: Part | undefined = place && withMembers(place, word === "[]" ? "items" : "properties");
      place = (word === "[]" ? inner?.items : (inner?.properties as Part | undefined)?.[word]) as
        | Part
        | undefined;
    }
  }
  if (place && place.$ref === undefined) place.description = description;
}

/** What has members or elements, within what may be null instead. */
function withMembers(part: Part, kind: "items" | "properties"): Part | undefined {
  if (kind in part) return part;
  return (part.anyOf as Part[] | undefined)?.find((option) => kind in option);
}
