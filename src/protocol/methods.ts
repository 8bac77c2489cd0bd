import type * as v from "valibot";
import * as discovery from "./schemas/capability_discovery.ts";
import * as config from "./schemas/environment_config.ts";
import * as fileSystem from "./schemas/file_system.ts";
import * as http from "./schemas/http.ts";
import * as process from "./schemas/process.ts";
import * as screen from "./schemas/screen.ts";
import * as session from "./schemas/session.ts";
import { noParams } from "./schemas/values.ts";

/**
 * The one list of methods. The router, the client's types and the announced capabilities are derived from it.
 */

/** What the texts of the handshake errors call a group of methods. */
export type MethodFamily =
  | "handshake"
  | "environment info"
  | "environment status"
  | "environment config"
  | "capability discovery"
  | "filesystem"
  | "http"
  | "exec";

/** What is known of one method. */
export interface MethodDefinition {
  readonly family: MethodFamily;
  readonly params: v.GenericSchema;
  readonly result: v.GenericSchema;
  /**
   * Set where the answer may wait for something to happen. Such a method begins in its turn and is then waited for
   * by nobody: later requests of the connection go ahead.
   */
  readonly waits?: true;
  /**
   * Set where a client that lost its connection before the answer may send the call again: it changes nothing, says how
   * things shall be rather than what to do, or carries a key that makes the server drop a repetition.
   */
  readonly repeatable?: true;
  /** The flag of `environmentInfo.capabilities` that announces the method, or some of its params. */
  readonly capability?: string;
  /** Set where the reference server has no such method, or takes less. */
  readonly additive?: true;
}

/** Methods a client calls. */
export const methods = {
  "initialize": {
    family: "handshake",
    params: session.initializeParams,
    result: session.initializeResult,
  },
  "environment/info": {
    family: "environment info",
    params: noParams,
    result: session.environmentInfo,
    repeatable: true,
  },
  "environment/status": {
    family: "environment status",
    params: noParams,
    result: session.environmentStatusResult,
    repeatable: true,
  },
  "environmentConfig/read": {
    family: "environment config",
    params: config.environmentConfigParams,
    result: config.environmentConfigResult,
    capability: "environmentConfigRead",
    repeatable: true,
  },
  "capabilities/discoverV2": {
    family: "capability discovery",
    params: discovery.discoverParams,
    result: discovery.discoverResult,
    capability: "capabilityDiscoveryV2",
    repeatable: true,
  },
  "capabilityRoots/discoverV1": {
    family: "capability discovery",
    params: discovery.discoverRootsParams,
    result: discovery.discoverRootsResult,
    repeatable: true,
  },
  "fs/readFile": {
    family: "filesystem",
    params: fileSystem.readFileParams,
    result: fileSystem.readFileResult,
    repeatable: true,
  },
  "fs/writeFile": {
    family: "filesystem",
    params: fileSystem.writeFileParams,
    result: fileSystem.emptyResult,
  },
  "fs/createDirectory": {
    family: "filesystem",
    params: fileSystem.createDirectoryParams,
    result: fileSystem.emptyResult,
  },
  "fs/getMetadata": {
    family: "filesystem",
    params: fileSystem.getMetadataParams,
    result: fileSystem.getMetadataResult,
    repeatable: true,
  },
  "fs/canonicalize": {
    family: "filesystem",
    params: fileSystem.canonicalizeParams,
    result: fileSystem.canonicalizeResult,
    repeatable: true,
  },
  "fs/readDirectory": {
    family: "filesystem",
    params: fileSystem.readDirectoryParams,
    result: fileSystem.readDirectoryResult,
    repeatable: true,
  },
  "fs/walk": {
    family: "filesystem",
    params: fileSystem.walkParams,
    result: fileSystem.walkResult,
    repeatable: true,
  },
  "fs/remove": {
    family: "filesystem",
    params: fileSystem.removeParams,
    result: fileSystem.emptyResult,
  },
  "fs/copy": {
    family: "filesystem",
    params: fileSystem.copyParams,
    result: fileSystem.emptyResult,
  },
  "fs/open": {
    family: "filesystem",
    params: fileSystem.openParams,
    result: fileSystem.openResult,
    capability: "fileWriteStreaming",
  },
  "fs/readBlock": {
    family: "filesystem",
    params: fileSystem.readBlockParams,
    result: fileSystem.readBlockResult,
  },
  "fs/writeBlock": {
    family: "filesystem",
    params: fileSystem.writeBlockParams,
    result: fileSystem.emptyResult,
  },
  "fs/close": {
    family: "filesystem",
    params: fileSystem.closeParams,
    result: fileSystem.emptyResult,
  },
  "fs/watchMissing": {
    family: "filesystem",
    params: fileSystem.watchMissingParams,
    result: fileSystem.watchMissingResult,
    capability: "fsWatchMissing",
  },
  "fs/watch": {
    family: "filesystem",
    params: fileSystem.watchParams,
    result: fileSystem.watchResult,
    capability: "fsWatch",
    additive: true,
  },
  "fs/unwatch": {
    family: "filesystem",
    params: fileSystem.unwatchParams,
    result: fileSystem.emptyResult,
    capability: "fsWatch",
    additive: true,
  },
  "http/request": {
    family: "http",
    params: http.httpRequestParams,
    result: http.httpRequestResult,
    waits: true,
    capability: "httpHeaderEnvVars",
  },
  "process/start": { family: "exec", params: process.startParams, result: process.startResult },
  "process/read": {
    family: "exec",
    params: process.readParams,
    result: process.readResult,
    waits: true,
    repeatable: true,
  },
  "process/write": {
    family: "exec",
    params: process.writeParams,
    result: process.writeResult,
    waits: true,
    repeatable: true, // Its writeId makes the server drop a repetition.
  },
  "process/closeStdin": {
    family: "exec",
    params: process.processIdParams,
    result: process.closeStdinResult,
    capability: "processCloseStdin",
    additive: true,
    repeatable: true,
  },
  "process/signal": {
    family: "exec",
    params: process.signalParams,
    result: process.emptyResult,
    capability: "processSignals",
    additive: true,
  },
  "process/resize": {
    family: "exec",
    params: process.resizeParams,
    result: process.emptyResult,
    capability: "processResize",
    additive: true,
    repeatable: true,
  },
  "process/terminate": {
    family: "exec",
    params: process.processIdParams,
    result: process.terminateResult,
    repeatable: true,
  },
  "process/screen": {
    family: "exec",
    params: screen.screenParams,
    result: screen.screenResult,
    waits: true,
    capability: "processScreen",
    additive: true,
    repeatable: true,
  },
  "process/list": {
    family: "exec",
    params: noParams,
    result: process.listResult,
    capability: "processList",
    additive: true,
    repeatable: true,
  },
} as const satisfies Record<string, MethodDefinition>;

/** Notifications a server sends. */
export const notifications = {
  "process/output": process.outputNotification,
  "process/exited": process.exitedNotification,
  "process/closed": process.closedNotification,
  "fs/changed": fileSystem.changedNotification,
  "fs/missingChanged": fileSystem.missingChangedNotification,
  "http/request/bodyDelta": http.httpBodyDeltaNotification,
} as const satisfies Record<string, v.GenericSchema>;

/** The name of a method a client calls. */
export type MethodName = keyof typeof methods;
/** The name of a notification a server sends. */
export type NotificationName = keyof typeof notifications;

/** A method's params as a server sees them, decoded. */
export type ParamsOf<Name extends MethodName> = v.InferOutput<(typeof methods)[Name]["params"]>;
/** A method's params as they are sent. */
export type ParamsSent<Name extends MethodName> = v.InferInput<(typeof methods)[Name]["params"]>;
/** A method's result as it is sent. */
export type ResultSent<Name extends MethodName> = v.InferInput<(typeof methods)[Name]["result"]>;
/** A method's result as a client sees it, decoded. */
export type ResultOf<Name extends MethodName> = v.InferOutput<(typeof methods)[Name]["result"]>;
/** A notification's params as a client sees them, decoded. */
export type NotificationOf<Name extends NotificationName> = v.InferOutput<(typeof notifications)[Name]>;

/** A notification's params as they are sent. */
export type NotificationSent<Name extends NotificationName> = v.InferInput<(typeof notifications)[Name]>;

/** The definition of a method, or undefined for an unknown one. */
export function findMethod(name: string): MethodDefinition | undefined {
  return Object.hasOwn(methods, name) ? methods[name as MethodName] : undefined;
}

/** The capability flags that stand for methods: each is true on a server that has the method. */
export function methodCapabilities(): Record<string, boolean> {
  const flags: Record<string, boolean> = {};
  for (const definition of Object.values<MethodDefinition>(methods)) {
    if (definition.capability) flags[definition.capability] = true;
  }
  return flags;
}
