/** Messages as no client sends them: valid ones that were bent somewhere, and bytes that never were a message. */
import type { Random } from "./random.ts";

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** What stands in for a member: of another type, too large, or as it is never written. */
const oddValues: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e300,
  2 ** 53,
  "",
  "\u0000",
  "file:",
  "file:///%",
  "file://host/x",
  "\u202e\u0085\u2028",
  "=".repeat(5),
  "x".repeat(5_000),
  [],
  [[]],
  {},
  { "": null },
];

/** Whole values of JSON that only text can say. */
const oddTexts = [
  "1.0",
  "1e0",
  "-0",
  "18446744073709551615",
  "1e400",
  '"\\ud800"',
  '{"a":1,"a":2}',
  "[".repeat(300),
];

/** A valid request for each family; what it names is missing or harmless, whatever becomes of the rest. */
const requests: readonly { readonly method: string; readonly params: Json }[] = [
  { method: "initialize", params: { clientName: "fuzz", resumeSessionId: "no-such-session" } },
  {
    method: "process/start",
    params: {
      processId: "fuzzed",
      argv: ["true"],
      cwd: "file:///",
      env: { PATH: "/usr/bin:/bin" },
      envPolicy: { inherit: "core", ignoreDefaultExcludes: false, exclude: [], set: {}, includeOnly: [] },
      tty: false,
      pipeStdin: false,
      arg0: null,
    },
  },
  { method: "process/read", params: { processId: "fuzzed", afterSeq: 0, maxBytes: 100, waitMs: 1 } },
  { method: "process/write", params: { processId: "fuzzed", chunk: "aGVsbG8=", writeId: "1" } },
  { method: "process/signal", params: { processId: "fuzzed", signal: "interrupt" } },
  { method: "process/resize", params: { processId: "fuzzed", size: { rows: 10, cols: 10 } } },
  { method: "process/terminate", params: { processId: "fuzzed" } },
  { method: "process/closeStdin", params: { processId: "fuzzed" } },
  { method: "process/list", params: null },
  { method: "process/screen", params: { processId: "fuzzed", format: "text" } },
  { method: "fs/readFile", params: { path: "file:///etc/hostname", followSymlinks: true, sandbox: null } },
  { method: "fs/getMetadata", params: { path: "file:///etc/hostname", sandbox: null } },
  { method: "fs/readDirectory", params: { path: "file:///etc/alternatives", sandbox: null } },
  { method: "fs/canonicalize", params: { path: "file:///etc/hostname", sandbox: null } },
  {
    method: "fs/walk",
    params: {
      path: "file:///etc/init.d",
      options: { maxDepth: 1, maxDirectories: 5, maxEntries: 50, followDirectorySymlinks: false },
      sandbox: null,
    },
  },
  { method: "fs/open", params: { handleId: "h", path: "file:///etc/hostname", mode: "read", sandbox: null } },
  { method: "fs/readBlock", params: { handleId: "h", offset: 0, len: 10 } },
  { method: "fs/close", params: { handleId: "h" } },
  { method: "fs/watch", params: { watchId: "w", path: "file:///etc", recursive: false } },
  { method: "fs/unwatch", params: { watchId: "w" } },
  { method: "fs/watchMissing", params: { watchId: 1, missing: ["file:///no/such/path"], present: null } },
  {
    method: "http/request",
    params: {
      method: "GET",
      url: "http://127.0.0.1:1/",
      requestId: "r",
      headers: [{ name: "x", value: "y" }],
      bodyBase64: null,
      timeoutMs: 1_000,
      redirectPolicy: "follow",
      streamResponse: false,
    },
  },
  {
    method: "environmentConfig/read",
    params: { configPaths: [["model"]], requirementsPaths: [], cwd: null },
  },
  { method: "capabilityRoots/discoverV1", params: { roots: [] } },
  { method: "environment/info", params: {} },
  { method: "environment/status", params: {} },
  { method: "no/such/method", params: {} },
];

/** One message for the wire. */
export interface FuzzedMessage {
  readonly payload: string | Uint8Array;
  /** Of the frame: text, or binary. */
  readonly opcode: 1 | 2;
}

/** A message by chance, which nothing follows from but an answer, if any. */
export function fuzzedMessage(random: Random): FuzzedMessage {
  const { method, params } = random.pick(requests);
  const id = random.chance(0.9) ? random.integer(1, 1e6) : random.pick<Json>(["text", null, 1.5, []]);
  const message = { id, method, params };
  const bent = random.chance(0.9) ? bend(structuredClone(message), random) : message;
  let text = JSON.stringify(bent);
  if (random.chance(0.1)) text = text.replace(/null|true|false|\d+/, random.pick(oddTexts));
  if (random.chance(0.1)) text = damage(text, random);
  if (random.chance(0.02)) return { payload: random.bytes(random.integer(0, 200)), opcode: 2 };
  return {
    payload: random.chance(0.1) ? new TextEncoder().encode(text) : text,
    opcode: random.chance(0.1) ? 2 : 1,
  };
}

/** Changes one value somewhere in it. */
function bend(value: Json, random: Random): Json {
  if (value === null || typeof value !== "object" || random.chance(0.1)) return random.pick(oddValues);
  const members = value as { [member: string]: Json };
  const names = Object.keys(members);
  const name = names.length === 0 ? "odd" : random.pick(names);
  const way = random.fraction();
  if (way < 0.1) delete members[name];
  else if (way < 0.15) members[random.pick(["__proto__", "constructor", "odd", ""])] = random.pick(oddValues);
  else members[name] = bend(members[name] ?? null, random);
  return value;
}

/** Cuts, doubles or changes characters of it. */
function damage(text: string, random: Random): string {
  const at = random.integer(0, text.length);
  switch (random.integer(0, 3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + String.fromCharCode(random.integer(0, 0xd7ff)) + text.slice(at + 1);
    case 2:
      return text.slice(at) + text;
    default:
      return `\ufeff${text}`;
  }
}
