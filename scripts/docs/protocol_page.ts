/** The protocol reference: what is written by hand, then every method, notification and object. */
import type * as v from "valibot";
import { errorCodes } from "../../src/protocol/errors.ts";
import {
  type ClientMethodDefinition,
  clientMethods,
  type MethodDefinition,
  methods,
  notifications,
} from "../../src/protocol/methods.ts";
import * as discovery from "../../src/protocol/schemas/capability_discovery.ts";
import * as descriptors from "../../src/protocol/schemas/descriptors.ts";
import * as config from "../../src/protocol/schemas/environment_config.ts";
import * as fileSystem from "../../src/protocol/schemas/file_system.ts";
import * as http from "../../src/protocol/schemas/http.ts";
import * as console from "../../src/protocol/schemas/console.ts";
import * as machine from "../../src/protocol/schemas/machine.ts";
import * as execPolicy from "../../src/protocol/schemas/exec_policy.ts";
import * as network from "../../src/protocol/schemas/network.ts";
import * as process from "../../src/protocol/schemas/process.ts";
import * as sandbox from "../../src/protocol/schemas/sandbox.ts";
import * as recording from "../../src/protocol/schemas/recording.ts";
import * as screen from "../../src/protocol/schemas/screen.ts";
import * as session from "../../src/protocol/schemas/session.ts";
import * as sharing from "../../src/protocol/schemas/sharing.ts";
import * as tcp from "../../src/protocol/schemas/tcp.ts";
import * as values from "../../src/protocol/schemas/values.ts";
import { Descriptions } from "./descriptions.ts";
import { readDocComments } from "./doc_comments.ts";
import { anchor, codes, table } from "./markdown.ts";
import { protocolSchema } from "./protocol_schema.ts";
import { shapesOf } from "./schema_types.ts";

const methodsFile = "src/protocol/methods.ts";
const folder = "src/protocol/schemas";

/** Objects with a section of their own, which the tables of others lead to. */
const objects: Record<string, v.GenericSchema> = {
  EnvironmentInfo: session.environmentInfo,
  EnvPolicy: process.envPolicy,
  TerminalSize: process.terminalSize,
  CellRun: screen.cellRun,
  Sandbox: sandbox.sandbox,
  Permissions: sandbox.permissions,
  PolicyContext: sandbox.policyContext,
  ManagedNetwork: sandbox.managedNetwork,
  NetworkProxy: sandbox.networkProxy,
};

/** What the tables call simple values. */
const simple: [unknown, string][] = [
  [values.unsigned, "unsigned"],
  [values.base64, "base64"],
  [descriptors.descriptorNumber, "unsigned"],
  [descriptors.descriptorOutput, '`"fd3"` to `"fd63"`'],
  [values.fileUri, "file URI"],
  [values.textRecord, "object: text to text"],
];

/** The parts of the page, in order, with the methods that belong to each by the beginning of their names. */
const families: { readonly title: string; readonly prefixes: readonly string[]; readonly text: string }[] = [
  {
    title: "Handshake and environment",
    prefixes: ["initialize", "environment/", "connection/", "machine/", "console/"],
    text:
      "The handshake is `initialize`, then the notification `initialized` with `{}` as params and no answer; " +
      "only then does anything else work.",
  },
  {
    title: "Processes",
    prefixes: ["process/", "recording/"],
    text: "A process is named by the client. The names are private to the session.",
  },
  {
    title: "Files",
    prefixes: ["fs/"],
    text:
      "Every path is a [file URI](#paths). Beside the errors that stand with a method: -32004 where the path, or a " +
      "directory on the way to it, does not exist; -32600 where permission is denied, and where a path names nothing on " +
      "this platform; -32602 for what is no file URI; -32603 for every other failure of the operating system. A link in a " +
      "path with `followSymlinks` false is a failure too, by -32600 or -32603. What a `sandbox` does not let be changed is " +
      "answered as on a read-only file system, -32603; what it hides, by -32600 or -32004; and one that cannot be obeyed, " +
      "-32603 ([which is which](sandbox.md#files)).",
  },
  {
    title: "The network of a process",
    prefixes: ["network/"],
    text:
      "What the proxy of a process asks and tells the client that the process belongs to: see [the network of a " +
      "process](network.md).",
  },
  {
    title: "What a process runs",
    prefixes: ["exec/"],
    text:
      "What the client that a process belongs to is asked and told of the programs that it runs: see [a say in what a " +
      "process runs](exec-policy.md).",
  },
  {
    title: "Ports",
    prefixes: ["tcp/"],
    text:
      "Connections that the server's machine makes to its ports: see [ports](files-and-ports.md#what-a-server-connects-to).",
  },
  { title: "HTTP", prefixes: ["http/"], text: "Requests that the server's machine makes." },
  {
    title: "Configuration and capabilities",
    prefixes: ["environmentConfig/", "capabilities/", "capabilityRoots/"],
    text: "What the Codex CLI asks of the machine. Other clients have no need of it.",
  },
];

/** The protocol as JSON Schema. */
export function protocolSchemaText(): string {
  return protocolSchema(objects, descriptions());
}

/** The page. @throws {Error} for what has no description */
export function protocolPage(overview: string): string {
  const known = descriptions();
  const parts = [
    overview.replace("<!-- error codes -->", errorTable()).replace("<!-- capabilities -->", capabilityTable())
      .replace("<!-- methods -->", methodTable()),
    ...families.flatMap(({ title, prefixes, text }) => [
      `## ${title}`,
      text,
      ...namesIn(methods, prefixes).map((name) => methodSection(name, methods[name], known)),
      ...namesIn(clientMethods, prefixes).map((name) =>
        clientMethodSection(name, clientMethods[name], known)
      ),
      ...namesIn(notifications, prefixes).map((name) =>
        notificationSection(name, notifications[name], known)
      ),
    ]),
    "## Objects",
    ...Object.entries(objects).map(([name, schema]) => objectSection(name, schema, known)),
  ];
  if (known.missing.length > 0) {
    throw new Error(`These members have no doc comment: ${[...new Set(known.missing)].join(", ")}`);
  }
  return parts.join("\n\n");
}

function descriptions(): Descriptions {
  const names = new Map<unknown, string>([
    ...simple,
    ...Object.entries(objects).map(([name, schema]): [unknown, string] => [schema, objectLink(name)]),
  ]);
  return new Descriptions({
    [`${folder}/capability_discovery.ts`]: discovery,
    [`${folder}/descriptors.ts`]: descriptors,
    [`${folder}/environment_config.ts`]: config,
    [`${folder}/file_system.ts`]: fileSystem,
    [`${folder}/http.ts`]: http,
    [`${folder}/console.ts`]: console,
    [`${folder}/machine.ts`]: machine,
    [`${folder}/exec_policy.ts`]: execPolicy,
    [`${folder}/network.ts`]: network,
    [`${folder}/process.ts`]: process,
    [`${folder}/sandbox.ts`]: sandbox,
    [`${folder}/screen.ts`]: screen,
    [`${folder}/session.ts`]: session,
    [`${folder}/recording.ts`]: recording,
    [`${folder}/sharing.ts`]: sharing,
    [`${folder}/tcp.ts`]: tcp,
    [`${folder}/values.ts`]: values,
  }, names);
}

function namesIn<Table extends object>(
  table: Table,
  prefixes: readonly string[],
): (keyof Table & string)[] {
  return (Object.keys(table) as (keyof Table & string)[]).filter((name) =>
    prefixes.some((prefix) => name.startsWith(prefix))
  );
}

function methodSection(name: string, method: MethodDefinition, known: Descriptions): string {
  const { text, errors } = describe("methods", name, known);
  return [
    `### ${name}`,
    `Client to server, request. ${traits(method).join(" ")}`.trim(),
    text,
    ...objectText("Params", method.params, known),
    ...objectText("Result", method.result, known),
    ...errors.length > 0 ? [table(["Error", "When"], errors)] : [],
  ].join("\n\n");
}

function clientMethodSection(
  name: string,
  { params, result }: Pick<MethodDefinition, "params" | "result">,
  known: Descriptions,
): string {
  const { text } = describe("clientMethods", name, known);
  return [
    `### ${name}`,
    "Server to client, request.",
    text,
    ...objectText("Params", params, known),
    ...objectText("Result", result, known),
  ].join("\n\n");
}

function notificationSection(name: string, schema: v.GenericSchema, known: Descriptions): string {
  const { text } = describe("notifications", name, known);
  return [
    `### ${name}`,
    "Server to client, notification.",
    text,
    ...objectText("Params", schema, known),
  ].join("\n\n");
}

function objectSection(name: string, schema: v.GenericSchema, known: Descriptions): string {
  const text = known.of(schema)[0]?.doc;
  if (text === undefined) throw new Error(`The object ${name} has no doc comment`);
  return [`### ${objectHeading(name)}`, text, ...tables(schema, known)].join("\n\n");
}

/** What a method's comment says, and the errors that its `@throws` name. */
function describe(constant: string, name: string, known: Descriptions) {
  const found = known.member(known.constant(methodsFile, constant), name);
  const [text = "", ...tags] = (found[0]?.doc ?? "").split(/\n?@throws /);
  if (text.trim() === "") throw new Error(`${name} has no doc comment in ${methodsFile}`);
  const errors = tags.map((tag) => {
    const [, code, when] = /^(-\d+) (.*)$/s.exec(tag.trim()) ?? [];
    if (!Object.values<number>(errorCodes).includes(Number(code))) {
      throw new Error(`${name}: "@throws ${tag}" names no code of src/protocol/errors.ts`);
    }
    return [code!, when!];
  });
  return { text: text.trim(), errors };
}

function traits(method: MethodDefinition): string[] {
  const { additive, repeatable, waits, keepsDescriptors } = method;
  const flags = capabilitiesOf(method);
  return [
    additive ? "Additive: the original server does not have it, or takes less." : "",
    flags.length > 0 ? `Announced by ${flags.map((flag) => `\`${flag}\``).join(" and ")}.` : "",
    repeatable ? "May be sent again after a lost connection." : "",
    waits ? "Waits: later requests of the connection go ahead of its answer." : "",
    keepsDescriptors ? "Refused by -32603 while the server's descriptors are short." : "",
  ].filter((trait) => trait !== "");
}

function objectText(title: string, schema: v.GenericSchema, known: Descriptions): string[] {
  if (schema as unknown === values.noParams) return [`${title}: none.`];
  const name = known.nameOf(schema);
  if (name !== undefined) return [`${title}: ${name}.`];
  const text = tables(schema, known);
  return text.length > 0 ? [`${title}:`, ...text] : [`${title}: \`{}\`.`];
}

function tables(schema: v.GenericSchema, known: Descriptions): string[] {
  return shapesOf(schema, known.of(schema), known).flatMap(({ when, rows }) => [
    ...when ? [`With ${codes(when)}${rows.length > 0 ? ":" : ", nothing else."}`] : [],
    ...rows.length > 0
      ? [table(
        ["Member", "Type", "Required", "Meaning"],
        rows.map(({ path, type, required, description }) => [`\`${path}\``, type, required, description]),
      )]
      : [],
  ]);
}

function errorTable(): string {
  const described = readDocComments(Deno.readTextFileSync("src/protocol/errors.ts")).constants.get(
    "errorCodes",
  )!;
  return table(
    ["Code", "Name", "Meaning"],
    Object.entries(errorCodes).map(([name, code]) => {
      const doc = described.members.get(name)?.[0]?.doc;
      if (doc === undefined) throw new Error(`The error code ${name} has no doc comment`);
      return [String(code), `\`${name}\``, doc];
    }),
  );
}

function capabilitiesOf({ capability, moreCapabilities = {} }: MethodDefinition): string[] {
  return [...capability ? [capability] : [], ...Object.keys(moreCapabilities)];
}

function capabilityTable(): string {
  const flags = new Map<string, string[]>();
  for (const [name, method] of Object.entries<MethodDefinition>(methods)) {
    for (const flag of capabilitiesOf(method)) flags.set(flag, [...flags.get(flag) ?? [], name]);
  }
  for (const { capabilities } of Object.values<ClientMethodDefinition>(clientMethods)) {
    for (const capability of capabilities) flags.set(capability, ["process/start"]);
  }
  return table(
    ["Flag", "What a client may send"],
    [...flags].map(([flag, names]) => [`\`${flag}\``, names.map(link).join(", ")]),
  );
}

function methodTable(): string {
  const mark = (value: true | undefined) => value ? "yes" : "";
  return table(["Method", "Additive", "Repeatable", "Waits"], [
    ...Object.entries<MethodDefinition>(methods).map(([name, { additive, repeatable, waits }]) => [
      link(name),
      mark(additive),
      mark(repeatable),
      mark(waits),
    ]),
  ]) + "\n\nNotifications that the server sends: " + Object.keys(notifications).map(link).join(", ") +
    ". Requests: " + Object.keys(clientMethods).map(link).join(", ") + ".";
}

/** A method or notification; by its name, which is its heading. */
function link(name: string): string {
  return `[\`${name}\`](#${anchor(name)})`;
}

function objectLink(name: string): string {
  return `[${name}](#${anchor(objectHeading(name))})`;
}

/** Not the bare name: `environment/info` and `EnvironmentInfo` would have one anchor. */
function objectHeading(name: string): string {
  return `${name} object`;
}
