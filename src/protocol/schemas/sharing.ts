import * as v from "valibot";
import { name, optional, processId, unsigned } from "./values.ts";
import { processDescriptors } from "./descriptors.ts";
import { terminalSize } from "./process.ts";
import { screenResult } from "./screen.ts";

/** Schemas of the methods by which several clients share a process: all additive. */

/** The server's own name for a process, a UUID. */
const handle = v.string();

/** What somebody who is attached may do: look on, or also take the keyboard. */
export const attachRole = v.picklist(["view", "control"]);

export const listAllParams = v.object({
  /** A `revision` that was told before: where nothing has changed since, no processes are told. */
  sinceRevision: optional(unsigned),
});

export const listAllResult = v.object({
  /** Changes when a process comes, exits, closes or goes, and when its keyboard changes hands. */
  revision: unsigned,
  /** In the order they were started, as far as they have the same owner; absent where nothing has changed. */
  processes: v.optional(v.array(v.object({
    handle,
    /** Its owner's name for it. */
    processId,
    /** The name it was started with, the only one of its kind among those that run; null without. */
    name: v.nullable(v.string()),
    /** Whether it ends with its owner's session or with the server. */
    lifetime: v.picklist(["session", "server"]),
    /** Whose it is; null for one that outlived its session. */
    owner: v.nullable(v.object({
      /** What the client calls itself. */
      client: v.string(),
      /** Whether it is connected. */
      attached: v.boolean(),
    })),
    /** What its `metadata.threadId` said; null where that said nothing. */
    threadId: v.nullable(v.string()),
    /** The operating system's number. */
    pid: unsigned,
    /** Whether it has a terminal. */
    tty: v.boolean(),
    /** The terminal's size; null behind pipes. */
    size: v.nullable(terminalSize),
    /** What was started, without its arguments. */
    argv0: v.string(),
    /** With its arguments; only for a connection with the role `full`. */
    argv: v.optional(v.array(v.string())),
    /** When it started, in milliseconds since 1970. */
    startedAtMs: unsigned,
    /** The seq of the oldest event that can be read. */
    firstSeq: unsigned,
    /** The seq the next event will have. */
    nextSeq: unsigned,
    /** Bytes of output so far. */
    bytes: unsigned,
    /** Whether the process itself has ended. */
    exited: v.boolean(),
    /** 0 to 255, or 128 + N for death by signal N; null until the exit. */
    exitCode: v.nullable(v.number()),
    /** Whether its output has ended too. */
    closed: v.boolean(),
    /** Who may type. */
    keyboard: v.picklist(["owner", "viewer"]),
    /** How many are attached beside its owner. */
    viewers: unsigned,
  }))),
});

export const attachParams = v.object({
  /** The caller's own new name for it; all that is told of it here comes under that name. */
  processId,
  handle,
  /** `view` when absent. */
  role: v.optional(attachRole, "view"),
  /** Where its events begin; with the oldest that is retained when absent. */
  from: optional(v.object({
    /** Behind this event. */
    afterSeq: optional(unsigned),
    /** Behind what this picture of its terminal shows, which comes in the result. */
    screen: optional(v.object({
      /** Lines above the screen to tell too; 0 when absent. */
      scrollback: optional(unsigned),
    })),
  })),
  /** Let the process wait for this client as for its owner, instead of telling it of gaps. Needs the role `control`. */
  lossless: v.optional(v.boolean(), false),
  /** Tell the output of its descriptors beyond 2 too; a gap stands in its place otherwise. */
  descriptors: v.optional(v.boolean(), false),
});

/** Who may type, as seen by the one who is told. */
const keyboardHolder = v.picklist(["you", "owner", "viewer"]);

export const attachResult = v.object({
  /** What one may do from now on. */
  role: v.picklist(["owner", "view", "control"]),
  /** Whether it ends with its owner's session or with the server; absent from a server that does not tell. */
  lifetime: v.optional(v.picklist(["session", "server"])),
  /** Whether it has a terminal. */
  tty: v.boolean(),
  /** The terminal's size; null behind pipes. */
  size: v.nullable(terminalSize),
  /** The seq of the oldest event that can be read. */
  firstSeq: unsigned,
  /** The seq the next event will have. */
  nextSeq: unsigned,
  /** Whether the process itself has ended. */
  exited: v.boolean(),
  /** 0 to 255, or 128 + N for death by signal N; null until the exit. */
  exitCode: v.nullable(v.number()),
  /** Whether its output has ended too. */
  closed: v.boolean(),
  /** Who may type. */
  keyboard: keyboardHolder,
  /** Its descriptors beyond 2, where it has any and `descriptors` asked for them. */
  descriptors: v.optional(processDescriptors),
  /** The picture that was asked for, with escape codes; null where it was not, and behind pipes. */
  screen: v.nullable(screenResult),
});

export const detachParams = v.object({ processId });

export const keyboardParams = v.object({
  processId,
  /** Take it, or give it back to the owner. */
  take: v.boolean(),
  /** Take it from another viewer too. */
  force: v.optional(v.boolean(), false),
  /** What becomes of what the owner writes meanwhile: refused, or held until the keyboard is given back. */
  ownerInput: v.optional(v.picklist(["refuse", "hold"]), "refuse"),
  /** A word to the owner and the other viewers. */
  note: optional(name),
});

export const keyboardResult = v.object({
  /** Who may type now. */
  holder: keyboardHolder,
});

export const adoptParams = v.object({
  /** The caller's own new name for it. */
  processId,
  handle,
  /** Only events with a higher seq are sent; all that are retained when absent. */
  afterSeq: optional(unsigned),
  /** As for `process/attach`. */
  descriptors: v.optional(v.boolean(), false),
});

export const resizedNotification = v.object({
  processId,
  /** The last event before it. */
  seq: unsigned,
  /** The size that it has now. */
  size: terminalSize,
});

export const keyboardNotification = v.object({
  processId,
  /** Who may type now. */
  holder: keyboardHolder,
  /** What the client calls itself that took it. */
  client: v.optional(v.string()),
  /** What that one says to it. */
  note: v.optional(v.string()),
});

export const detachedNotification = v.object({
  processId,
  /** `forgotten`: the server keeps nothing of it any more. `moved`: it has another owner. */
  reason: v.picklist(["forgotten", "moved"]),
});
