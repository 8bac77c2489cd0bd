import type * as v from "valibot";
import * as discovery from "./schemas/capability_discovery.ts";
import * as console from "./schemas/console.ts";
import * as config from "./schemas/environment_config.ts";
import * as exec from "./schemas/exec_policy.ts";
import * as fileSystem from "./schemas/file_system.ts";
import * as http from "./schemas/http.ts";
import * as machine from "./schemas/machine.ts";
import * as network from "./schemas/network.ts";
import * as process from "./schemas/process.ts";
import * as recording from "./schemas/recording.ts";
import * as screen from "./schemas/screen.ts";
import * as session from "./schemas/session.ts";
import * as sharing from "./schemas/sharing.ts";
import type { Role } from "./roles.ts";
import * as tcp from "./schemas/tcp.ts";
import { noParams } from "./schemas/values.ts";

/**
 * The one list of methods. The router, the client's types, the announced capabilities and docs/protocol.md are derived
 * from it; the last takes what is said of a method from the comment above it, errors from its `@throws`.
 */

/** What the texts of the handshake errors call a group of methods. */
export type MethodFamily =
  | "handshake"
  | "connection"
  | "environment info"
  | "environment status"
  | "environment config"
  | "capability discovery"
  | "filesystem"
  | "http"
  | "exec";

/** What a machine or a client's connection may lack. */
export type MachineAbility =
  | "terminals"
  | "limits"
  | "descriptors"
  | "transparentTcp"
  | "execDecisions"
  | "confinedFiles"
  | "binaryMessages"
  | "console"
  | "ports";

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
  /**
   * Set where a client that lost its connection before the answer finds out on the next one whether the call was taken.
   */
  readonly reconciled?: true;
  /** Set where the call makes room for others, so that it must not wait for their answers. */
  readonly goesAhead?: true;
  /**
   * Set where what is made keeps descriptors of the server for as long as it lasts: it is refused while they are short.
   */
  readonly keepsDescriptors?: true;
  /** The least role of a connection that may call it; `full` when absent. */
  readonly role?: Role;
  /** The flag of `environmentInfo.capabilities` that announces the method, or some of its params. */
  readonly capability?: string;
  /** What the server's machine, or the client's connection, must have for that flag to be true. */
  readonly capabilityNeeds?: MachineAbility;
  /** More flags that announce some of its params, with what the machine must have for them. */
  readonly moreCapabilities?: Readonly<Record<string, MachineAbility>>;
  /** The param that holds bytes: base64 in JSON, and bytes as they are in a binary frame. */
  readonly bytes?: "chunk" | "dataBase64";
  /** Set where the reference server has no such method, or takes less. */
  readonly additive?: true;
}

/** What is known of a method that a server calls. */
export interface ClientMethodDefinition extends Pick<MethodDefinition, "params" | "result"> {
  /** The flags of `environmentInfo.capabilities` that announce what leads to it. */
  readonly capabilities: readonly string[];
  /** What the server's machine must have for them to be true. */
  readonly capabilityNeeds?: MachineAbility;
}

/** Methods a client calls. */
export const methods = {
  /**
   * Begins a session, or takes one up again. The first request of every connection; `initialized` follows it.
   *
   * @throws -32600 when this connection has initialized before
   * @throws -32600 when `resumeSessionId` names no session: it never was, or its time is up. The connection
   * stays usable
   * @throws -32010 while another connection holds the session. Try again: a holder that is dead is evicted
   * meanwhile
   * @throws -32600 when the server has as many sessions as it takes
   */
  "initialize": {
    family: "handshake",
    params: session.initializeParams,
    result: session.initializeResult,
    role: "view",
  },
  /**
   * Lets what holds bytes go as binary messages from now on, in both directions: the output of processes,
   * `process/write` and the blocks of files, as [Binary frames](#binary-frames) says. Everything else stays JSON, and JSON
   * is understood for these too. It holds for the connection: a client that takes its session up again asks again.
   *
   * @throws -32600 on a transport that carries text only
   */
  "connection/useBinaryFrames": {
    family: "connection",
    params: noParams,
    result: session.useBinaryFramesResult,
    capability: "binaryFrames",
    capabilityNeeds: "binaryMessages",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /** What `initialize` said of the machine, told again. */
  "environment/info": {
    family: "environment info",
    params: noParams,
    result: session.environmentInfo,
    repeatable: true,
    role: "view",
  },
  /** Whether the server is there and serves: a health probe inside a session. */
  "environment/status": {
    family: "environment status",
    params: noParams,
    result: session.environmentStatusResult,
    repeatable: true,
    role: "view",
  },
  /**
   * What of the machine is in use: its processors, its memory, its disks, and what each process that may be seen uses of
   * them. It is meant to be asked for every few seconds, and waits for no disk that does not answer.
   *
   * @throws -32600 where this server may not look
   */
  "machine/usage": {
    family: "environment info",
    params: noParams,
    result: machine.usageResult,
    waits: true,
    capability: "machineUsage",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * A link by which somebody logs in to the server's web console, once and soon.
   *
   * @throws -32600 on a server without a console, and for a role that the connection itself has not
   */
  "console/link": {
    family: "environment info",
    params: console.linkParams,
    result: console.linkResult,
    capability: "console",
    capabilityNeeds: "console",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * The parts of the Codex CLI's configuration files on the server's machine that were asked for: those of
   * the system and of the user, never a project's.
   *
   * @throws -32602 when both lists of paths are empty, a path has no key, or `cwd` names nothing on this
   * platform
   * @throws -32603 when a file cannot be read or is no TOML
   */
  "environmentConfig/read": {
    family: "environment config",
    params: config.environmentConfigParams,
    result: config.environmentConfigResult,
    capability: "environmentConfigRead",
    repeatable: true,
  },
  /**
   * The skills and plugins that are installed for the server's user.
   *
   * @throws -32603 for a `sandbox` that cannot be obeyed
   */
  "capabilities/discoverV2": {
    family: "capability discovery",
    params: discovery.discoverParams,
    result: discovery.discoverResult,
    capability: "capabilityDiscoveryV2",
    repeatable: true,
  },
  /**
   * The skills and plugins below some directories, as the text of their files. A root that cannot be read has
   * an `error` and takes nothing from the others.
   *
   * @throws -32600 for more roots than are looked into at once
   */
  "capabilityRoots/discoverV1": {
    family: "capability discovery",
    params: discovery.discoverRootsParams,
    result: discovery.discoverRootsResult,
    capability: "capabilityDiscoverySandbox",
    capabilityNeeds: "confinedFiles",
    repeatable: true,
  },
  /**
   * A whole regular file, as large as one answer may be: some 383 MiB, and 12 MiB from a server on Bun. `fs/open` reads
   * files of any size.
   *
   * @throws -32600 when the path is no regular file, or the file is too large
   */
  "fs/readFile": {
    family: "filesystem",
    params: fileSystem.readFileParams,
    result: fileSystem.readFileResult,
    repeatable: true,
  },
  /**
   * Writes a whole file in place: what was there is emptied first and keeps its mode and owner. It is not
   * atomic, follows links, and makes no parent directories. A message of 64 MiB holds some 47 MiB of data: for more, use
   * `fs/open`.
   *
   * @throws -32004 when the parent directory does not exist
   * @throws -32600 when `dataBase64` is no base64
   * @throws -32603 when the path is a directory
   */
  "fs/writeFile": {
    family: "filesystem",
    params: fileSystem.writeFileParams,
    result: fileSystem.emptyResult,
    bytes: "dataBase64",
    capability: "fsModes",
  },
  /**
   * Makes a directory.
   *
   * @throws -32004 without `recursive`, when the parent does not exist
   * @throws -32603 when something else has the name, and without `recursive` when anything has it
   */
  "fs/createDirectory": {
    family: "filesystem",
    params: fileSystem.createDirectoryParams,
    result: fileSystem.emptyResult,
  },
  /**
   * What is at a path. Everything but `isSymlink` is of what a link leads to. What is neither file nor
   * directory (a device, a socket) has both flags false and the size 0.
   *
   * @throws -32004 when there is nothing, or a link that leads nowhere
   */
  "fs/getMetadata": {
    family: "filesystem",
    params: fileSystem.getMetadataParams,
    result: fileSystem.getMetadataResult,
    repeatable: true,
  },
  /**
   * The path without links.
   *
   * @throws -32004 when it does not exist
   */
  "fs/canonicalize": {
    family: "filesystem",
    params: fileSystem.canonicalizeParams,
    result: fileSystem.canonicalizeResult,
    repeatable: true,
  },
  /**
   * The names in a directory, in no order. Links are told as what they lead to, and left out where they lead
   * nowhere.
   *
   * @throws -32603 when the path is no directory, or it has more entries than one answer holds: use `fs/walk`
   */
  "fs/readDirectory": {
    family: "filesystem",
    params: fileSystem.readDirectoryParams,
    result: fileSystem.readDirectoryResult,
    repeatable: true,
  },
  /**
   * The files and directories below a directory, breadth first and sorted by name within each. A root that is
   * no directory gives an empty result; one that cannot be read is told in `errors`, as every directory is.
   *
   * @throws -32004 when the root does not exist
   * @throws -32600 when a limit is 0 or greater than a depth of 64, 10,000 directories or 50,000 entries
   */
  "fs/walk": {
    family: "filesystem",
    params: fileSystem.walkParams,
    result: fileSystem.walkResult,
    repeatable: true,
  },
  /**
   * Removes a file, a link (not what it leads to) or a directory.
   *
   * @throws -32004 without `force`, when nothing is there
   * @throws -32603 without `recursive`, when a directory is not empty
   * @throws -32603 when `recursive` is true and `followSymlinks` is false, which do not go together
   * @throws -32600 for the root directory
   */
  "fs/remove": {
    family: "filesystem",
    params: fileSystem.removeParams,
    result: fileSystem.emptyResult,
  },
  /**
   * Copies a file with its mode, a link as a link, or a directory with everything in it, merging it into one
   * that exists. A file that is copied onto itself stays as it is.
   *
   * @throws -32600 when the source is a directory and `recursive` is false, when the destination is in the
   * source, or when the source is a device or the like
   * @throws -32603 when the destination of a file is a directory
   */
  "fs/copy": {
    family: "filesystem",
    params: fileSystem.copyParams,
    result: fileSystem.emptyResult,
  },
  /**
   * Opens a file for reading or writing by blocks. The handle belongs to the connection: it is gone with it,
   * and is not restored by a resume.
   *
   * @throws -32600 when the id is longer than 32 bytes or in use, 128 handles are open, or the path is no
   * regular file
   * @throws -32004 when the file does not exist, or its parent where it is to be made
   */
  "fs/open": {
    family: "filesystem",
    params: fileSystem.openParams,
    result: fileSystem.openResult,
    capability: "sandboxedFileStreaming",
    capabilityNeeds: "confinedFiles",
    keepsDescriptors: true,
  },
  /**
   * Bytes of an open file from an absolute offset. An error of the operating system closes the handle.
   *
   * @throws -32004 for an unknown handle
   * @throws -32600 when `len` is not from 1 to 1,048,576
   * @throws -32603 when the handle was opened for writing
   */
  "fs/readBlock": {
    family: "filesystem",
    params: fileSystem.readBlockParams,
    result: fileSystem.readBlockResult,
  },
  /**
   * Writes bytes at an absolute offset, all of them. Beyond the end it leaves a hole. An error of the
   * operating system closes the handle.
   *
   * @throws -32004 for an unknown handle
   * @throws -32600 when `chunk` has not from 1 to 1,048,576 bytes, or would end beyond what a file can be
   * @throws -32603 when the handle was opened for reading, or the disk is full
   */
  "fs/writeBlock": {
    family: "filesystem",
    params: fileSystem.writeBlockParams,
    result: fileSystem.emptyResult,
    capability: "fileWriteStreaming",
    bytes: "chunk",
  },
  /**
   * Gives a file, a link or a directory another name. What has that name goes, as far as it is of the same kind; a
   * directory must be empty. In a sandbox directories keep their names.
   *
   * @throws -32004 when it does not exist, or the new name's directory
   * @throws -32603 when the names are on two file systems, or another kind of file is in the way
   */
  "fs/rename": {
    family: "filesystem",
    params: fileSystem.renameParams,
    result: fileSystem.emptyResult,
    capability: "fsModes",
    additive: true,
  },
  /**
   * Changes the permissions of what a path leads to.
   *
   * @throws -32004 when it does not exist
   */
  "fs/chmod": {
    family: "filesystem",
    params: fileSystem.chmodParams,
    result: fileSystem.emptyResult,
    capability: "fsModes",
    additive: true,
    repeatable: true,
  },
  /**
   * Opens a file or a directory with all that is in it as one tar archive (pax), with modes, times and symbolic links, which
   * is read by `fs/readBlock` in order and ended by `fs/close`. What is neither file, directory nor link is left out.
   *
   * @throws -32600 as `fs/open` does
   * @throws -32004 when it does not exist
   */
  "fs/pack": {
    family: "filesystem",
    params: fileSystem.packParams,
    result: fileSystem.openResult,
    capability: "fsArchives",
    additive: true,
    keepsDescriptors: true,
  },
  /**
   * Opens a place where a tar archive is unpacked that is written by `fs/writeBlock` in order, and ended by `fs/close`. The
   * block that ends the archive is answered once everything is in its place; any block, when something failed before. A
   * directory is merged into one that is there, and nothing goes through a symbolic link below `path`. A file of more than
   * 256 KiB grows beside its name, and takes it when it is complete.
   *
   * @throws -32600 as `fs/open` does
   */
  "fs/unpack": {
    family: "filesystem",
    params: fileSystem.unpackParams,
    result: fileSystem.openResult,
    capability: "fsArchives",
    additive: true,
    keepsDescriptors: true,
  },
  /**
   * Closes a handle. An unknown one is no error.
   *
   * @throws -32602 for an archive that was written and is not complete, or whatever kept it from being unpacked
   */
  "fs/close": {
    family: "filesystem",
    params: fileSystem.closeParams,
    result: fileSystem.emptyResult,
    goesAhead: true,
  },
  /**
   * Asks to be told, once, by `fs/missingChanged`, when any of these absent paths may have come into being,
   * or when `present` changed or went away. A connection has one such watch: a greater `watchId` replaces it,
   * an empty `missing` ends it.
   */
  "fs/watchMissing": {
    family: "filesystem",
    params: fileSystem.watchMissingParams,
    result: fileSystem.watchMissingResult,
    capability: "fsWatchMissing",
  },
  /**
   * Tells by `fs/changed` what happens to a file or in a directory, until `fs/unwatch` or the end of the
   * connection. Links on the way are followed, also when they lead elsewhere later; links inside are not, and
   * what may not be read is left out. A directory that is removed, or replaced by another, ends the watch.
   *
   * @throws -32600 when the id is longer than 32 bytes or in use, 64 watches are open, or they would cover
   * more than 50,000 entries
   * @throws -32004 when nothing is at the path
   * @throws -32603 when the system has no more watches; the message names the limit to raise
   */
  "fs/watch": {
    family: "filesystem",
    params: fileSystem.watchParams,
    result: fileSystem.watchResult,
    capability: "fsWatch",
    additive: true,
    keepsDescriptors: true,
  },
  /** Ends a watch. An unknown one is no error. */
  "fs/unwatch": {
    family: "filesystem",
    params: fileSystem.unwatchParams,
    result: fileSystem.emptyResult,
    capability: "fsWatch",
    additive: true,
    goesAhead: true,
  },
  /**
   * Makes an HTTP request from the server's machine. Every HTTP status is a result. A body that is called
   * `gzip` or `zstd`, exactly so, is decompressed, and told without its `content-encoding` and `content-length`; these are
   * asked for unless the request has an `Accept-Encoding` of its own. Any other encoding is passed on. There is no
   * cancelling; a streamed body ends with the connection.
   *
   * @throws -32602 when the URL, the method, a header, or a header's variable is not acceptable, or the
   * `requestId` is of a body that is still streamed
   * @throws -32600 when 128 requests of the connection are active
   * @throws -32603 when the exchange fails: no connection, no name, a timeout, too many redirects, a body that is
   * cut short or is not what its encoding says, one of more than 47 MiB, decompressed, that is not streamed
   */
  "http/request": {
    family: "http",
    params: http.httpRequestParams,
    result: http.httpRequestResult,
    waits: true,
    capability: "httpHeaderEnvVars",
    keepsDescriptors: true,
  },
  /**
   * Starts a process. Its events may arrive before the answer does: follow its id before sending the request.
   * It leads a session and a process group of its own. The program is looked for in the child's `PATH`; one
   * with a slash is relative to `cwd`. A start that failed leaves the id free. Do not send it again after a
   * lost connection: ask `process/list` first, where the server has it.
   *
   * @throws -32602 when `argv` is empty, or `cwd` names no directory of this platform
   * @throws -32600 when the session knows the id, or as many processes as it takes
   * @throws -32603 when the operating system refuses: no such program or directory, no permission to execute
   * it
   * @throws -32602 for a descriptor below 3 or above 63, for one that is named twice, and for too many of them
   * @throws -32603 for a limit that this machine cannot keep, by its name, with what helps
   * @throws -32603 for descriptors on a machine that cannot give any (`processDescriptors`)
   * @throws -32603 where nobody can decide about what it runs (`execPolicy`), with what helps; and when it was decided that its
   * own program does not run
   * @throws -32603 when it cannot be confined as asked (`sandbox`, `enforceManagedNetwork`, `networkProxy`), with the
   * `kind` `sandboxPreparation` or `sandboxUnavailable`: this server never runs without what was asked for
   */
  "process/start": {
    family: "exec",
    // Only where it touches a file system that may not answer, or is confined.
    waits: true,
    params: process.startParams,
    result: process.startResult,
    keepsDescriptors: true,
    capability: "processScreenAnswers",
    capabilityNeeds: "terminals",
    moreCapabilities: {
      processLimits: "limits",
      processDescriptors: "descriptors",
      execPolicy: "execDecisions",
      networkProxyTransparentTcp: "transparentTcp",
    },
    reconciled: true,
  },
  /**
   * Output that the server retains, and how the process stands. It answers at once when there is output, when
   * the process has closed, or when it has exited and `afterSeq` is not its last event; otherwise when that
   * comes true, or after `waitMs`. A process can be read for 80 s after its `closed`. What is no longer
   * retained shows as a gap in `seq`.
   *
   * @throws -32600 for an unknown process
   */
  "process/read": {
    family: "exec",
    params: process.readParams,
    result: process.readResult,
    waits: true,
    capability: "processReadSince",
    repeatable: true,
    role: "view",
  },
  /**
   * Writes bytes to a process's stdin or terminal. The answer waits for room when the process does not read.
   * Writes of one process begin in the order in which they came. Await each answer before the next write where
   * a server does not say so: it may serve several requests at once, and swap them.
   *
   * @throws -32602 when `writeId` is empty or `chunk` is no base64
   * @throws -32600 for a descriptor that the process does not read, and for one of another client's process
   */
  "process/write": {
    family: "exec",
    params: process.writeParams,
    result: process.writeResult,
    bytes: "chunk",
    waits: true,
    capability: "processWriteOrder",
    repeatable: true, // Its writeId makes the server drop a repetition.
    role: "control",
  },
  /**
   * Ends a process's stdin after everything that was written. On a terminal write the byte 0x04 instead.
   *
   * @throws -32600 for a descriptor that the process does not read, and for one of another client's process
   */
  "process/closeStdin": {
    family: "exec",
    params: process.closeStdinParams,
    result: process.closeStdinResult,
    capability: "processCloseStdin",
    additive: true,
    repeatable: true,
    role: "control",
  },
  /**
   * Sends a signal to the process's group; on a terminal to the group of the session leader, so write the
   * byte 0x03 to interrupt what is in the foreground. Nothing happens where the process is unknown or has
   * ended. The original knows only `interrupt`.
   *
   * @throws -32602 for a signal that the server does not know
   */
  "process/signal": {
    family: "exec",
    params: process.signalParams,
    result: process.emptyResult,
    capability: "processSignals",
    additive: true,
    role: "control",
  },
  /**
   * Gives a terminal a new size; the programs on it get SIGWINCH.
   *
   * @throws -32600 for an unknown process, and for one without a terminal
   */
  "process/resize": {
    family: "exec",
    params: process.resizeParams,
    result: process.emptyResult,
    capability: "processResize",
    capabilityNeeds: "terminals",
    additive: true,
    repeatable: true,
    role: "control",
  },
  /**
   * Kills a process and its whole session with SIGKILL. Its `exited` (137) and `closed` follow, and what it
   * wrote stays readable. Nothing happens once it has closed: what it left running, with streams of its own,
   * lives on. Not an error for an unknown process.
   */
  "process/terminate": {
    family: "exec",
    params: process.processIdParams,
    result: process.terminateResult,
    repeatable: true,
    goesAhead: true,
    role: "control",
  },
  /**
   * What a person in front of a process's terminal would see now, and the lines that have left at the top.
   *
   * @throws -32600 for an unknown process, for one without a terminal, and for a terminal of more than
   * 250,000 cells
   */
  "process/screen": {
    family: "exec",
    params: screen.screenParams,
    result: screen.screenResult,
    waits: true,
    capability: "processScreen",
    capabilityNeeds: "terminals",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * Records what a process prints from now on to a file of the server's machine that only its user may read: asciicast v3,
   * with the sizes of its terminal, and with markers where output is missing and where its keyboard changes hands. On a
   * terminal it begins with what that shows. It ends with the process, or before, and outlives its client; the process does
   * not wait for it.
   *
   * @throws -32600 for an unknown process, for too many recordings, for a `path` or `keys` without the role `full`, and without a path where
   * the server has no folder for recordings
   * @throws -32603 when the file exists, or cannot be written
   */
  "process/record": {
    family: "exec",
    params: recording.recordParams,
    result: recording.recordResult,
    waits: true,
    capability: "processRecord",
    additive: true,
    role: "control",
  },
  /**
   * Ends a recording with what there is now.
   *
   * @throws -32600 for an unknown one
   */
  "process/stopRecording": {
    family: "exec",
    params: recording.stopRecordingParams,
    result: recording.stopRecordingResult,
    waits: true,
    capability: "processRecord",
    additive: true,
    role: "control",
  },
  /**
   * The recordings in the folder of the server's `--record-dir`, whosever processes they are of: `fs/open` reads them. The
   * newest 1,000 are told.
   *
   * @throws -32004 where the folder is gone, -32603 where it cannot be read
   */
  "recording/list": {
    family: "exec",
    params: noParams,
    result: recording.listRecordingsResult,
    waits: true,
    capability: "recordingList",
    additive: true,
    repeatable: true,
  },
  /**
   * A file of what is retained of a process's output, part by part: a recording in asciicast, its text or its bytes. It ends
   * with what there is at the first part. The server keeps nothing between two parts: `position` says where it goes on, and
   * output that has gone meanwhile is a marker in it. Times are those at which the server read the output.
   *
   * @throws -32600 for an unknown process
   * @throws -32602 for a `position` that was not told for this format
   */
  "process/export": {
    family: "exec",
    params: recording.exportParams,
    result: recording.exportResult,
    waits: true,
    capability: "processExport",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * Connects to a TCP port of the server's machine. The connection is worked with as a process of the session is that has no
   * program: what arrives is its output, on `stdout`; `process/write` sends, `process/closeStdin` ends the sending half.
   * `exited` says that nothing more arrives, with the code 0 where the other end has said so and 1 where the connection
   * broke; `closed`, that both halves have ended. All that holds for processes holds for it: windows, binary frames, a
   * lost connection to the server and `process/read`. It is not in the lists of processes and nobody else can attach to
   * it. A reader that falls behind is said by `tcp/taken`.
   *
   * @throws -32600 where the server forwards no ports, or none of that host; for a name in use, and for too many
   * @throws -32603 when nobody answers there
   */
  "tcp/connect": {
    family: "exec",
    params: tcp.connectParams,
    result: tcp.connectResult,
    waits: true,
    capability: "tcpConnect",
    capabilityNeeds: "ports",
    additive: true,
    keepsDescriptors: true,
  },
  /**
   * Says how far the reader of a connection has come. A connection is not read while a window full of bytes, 1 MiB, or of
   * events, 8,192, is beyond that.
   */
  "tcp/taken": {
    family: "exec",
    params: tcp.takenParams,
    result: tcp.emptyResult,
    capability: "tcpConnect",
    capabilityNeeds: "ports",
    additive: true,
    repeatable: true,
  },
  /** Forgets a connection; one that has not closed is broken off, which the other end is told. */
  "tcp/close": {
    family: "exec",
    params: tcp.closeParams,
    result: tcp.emptyResult,
    capability: "tcpConnect",
    capabilityNeeds: "ports",
    additive: true,
    repeatable: true,
  },
  /** Every process of the server, whosever it is: never its environment or output, nor the ids of sessions. */
  "process/listAll": {
    family: "exec",
    params: sharing.listAllParams,
    result: sharing.listAllResult,
    capability: "attach",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * Follows a process of another client, under a name of one's own: its events come as those of one's own processes do,
   * and all methods that name a process know it, as far as the role goes. It never waits for who is attached, unless
   * `lossless` says so: who is too slow is told of a gap by `process/gap`. An attachment belongs to the session.
   *
   * @throws -32600 for an unknown process, a name in use, a role that the connection has not, and for too many
   */
  "process/attach": {
    family: "exec",
    params: sharing.attachParams,
    result: sharing.attachResult,
    capability: "attach",
    additive: true,
    role: "view",
  },
  /**
   * Follows a process no more. One's own process runs on without its client, if its `lifetime` is the server's.
   *
   * @throws -32600 for one's own process that ends with its session
   */
  "process/detach": {
    family: "exec",
    params: sharing.detachParams,
    result: process.emptyResult,
    capability: "attach",
    additive: true,
    repeatable: true,
    role: "view",
  },
  /**
   * Takes the keyboard of a process that one is attached to, or gives it back to its owner. Only who has it may write,
   * resize, signal and end it; its owner may signal and end it at any time, and is answered `starting` to what it writes
   * meanwhile.
   *
   * @throws -32600 for who may only look on, and while another viewer has it
   */
  "process/keyboard": {
    family: "exec",
    params: sharing.keyboardParams,
    result: sharing.keyboardResult,
    capability: "attach",
    additive: true,
    role: "control",
  },
  /**
   * Makes a process one's own whose owner's session has ended, or has lost its connection.
   *
   * @throws -32600 for an unknown process, a name in use, and while its owner is connected
   */
  "process/adopt": {
    family: "exec",
    params: sharing.adoptParams,
    result: sharing.attachResult,
    capability: "attach",
    additive: true,
  },
  /** The processes of the session that are not forgotten: never their arguments, environment or output. */
  "process/list": {
    family: "exec",
    params: noParams,
    result: process.listResult,
    capability: "processList",
    additive: true,
    repeatable: true,
    role: "view",
  },
} as const satisfies Record<string, MethodDefinition>;

/** Notifications a server sends. */
export const notifications = {
  /** Bytes that a process wrote. */
  "process/output": process.outputNotification,
  /**
   * The process itself has ended. More output may follow while others hold its pipes: only `closed` is the
   * end.
   */
  "process/exited": process.exitedNotification,
  /** The process has ended and so has its output: its last event. */
  "process/closed": process.closedNotification,
  /** Output of a process that does not wait for this client, which was too slow for it: it is no longer retained. Additive. */
  "process/gap": process.gapNotification,
  /** The terminal of a process that one is attached to has another size. Additive. */
  "process/resized": sharing.resizedNotification,
  /** The keyboard of a process has changed hands: told to its owner and to whoever is attached. Additive. */
  "process/keyboard": sharing.keyboardNotification,
  /** A process is followed no more that one was attached to. Additive. */
  "process/detached": sharing.detachedNotification,
  /** What was decided about something that a process wanted of the network, by its policy or by whoever was asked. */
  "network/policyDecision": network.policyDecisionNotification,
  /** What was decided about a program that a process with an `execPolicy` was about to run, or one that it started. Additive. */
  "exec/policyDecision": exec.execDecisionNotification,
  /** What happened to what an `fs/watch` watches. Additive. */
  "fs/changed": fileSystem.changedNotification,
  /** It is time to look again at the paths of an `fs/watchMissing`. Comes at most once for a watch. */
  "fs/missingChanged": fileSystem.missingChangedNotification,
  /** A piece of a streamed body. They come in order; the last one has `done` true and no bytes. */
  "http/request/bodyDelta": http.httpBodyDeltaNotification,
} as const satisfies Record<string, v.GenericSchema>;

/** Methods a server calls: the client answers. */
export const clientMethods = {
  /**
   * Asks whether a process may reach a host that its policy leaves open. Each request of HTTP, tunnel and connection is
   * asked about by itself, also several at once. What is no answer, and one that comes later than the start's
   * `policyDecisionTimeoutMs` and 5 s more, denies; so does a connection that is lost meanwhile.
   */
  "network/policyRequest": {
    params: network.policyRequestParams,
    result: network.policyRequestResult,
    capabilities: ["networkProxyLaunch", "networkProxyReviewDomains"],
  },
  /**
   * Asks what is to become of a program that a process is about to run: it, or one that it started. None of its rules says so.
   * Each is asked about by itself, also several at once, and holds up nobody but who wants to run it; that of the process itself
   * comes before its start is answered. Where no answer comes in time, none that can be understood, or the connection is lost,
   * the policy's `otherwise` decides. Additive.
   */
  "exec/policyRequest": {
    params: exec.execRequestParams,
    result: exec.execRequestResult,
    capabilities: ["execPolicy"],
    capabilityNeeds: "execDecisions",
  },
} as const satisfies Record<string, ClientMethodDefinition>;

/** The name of a method a server calls. */
export type ClientMethodName = keyof typeof clientMethods;
/** The params of a method a server calls, as they are sent. */
export type ClientParams<Name extends ClientMethodName> = v.InferInput<
  (typeof clientMethods)[Name]["params"]
>;
/** What a client answers. */
export type ClientResult<Name extends ClientMethodName> = v.InferOutput<
  (typeof clientMethods)[Name]["result"]
>;

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

/**
 * The capability flags that stand for methods: each is true on a server that has the method.
 *
 * @param has what the server's machine has, and whether the client's connection carries binary messages
 */
export function methodCapabilities(has: Readonly<Record<MachineAbility, boolean>>): Record<string, boolean> {
  const flags: Record<string, boolean> = {};
  for (const { capability, capabilityNeeds, moreCapabilities } of Object.values<MethodDefinition>(methods)) {
    if (capability) flags[capability] = capabilityNeeds === undefined || has[capabilityNeeds];
    for (const [name, needs] of Object.entries(moreCapabilities ?? {})) flags[name] = has[needs];
  }
  for (const { capabilities, capabilityNeeds } of Object.values<ClientMethodDefinition>(clientMethods)) {
    for (const capability of capabilities) {
      flags[capability] = capabilityNeeds === undefined || has[capabilityNeeds];
    }
  }
  return flags;
}
