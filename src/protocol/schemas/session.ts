import * as v from "valibot";
import { optional } from "./values.ts";

/** Schemas of the handshake and of the environment's own methods. */

export const initializeParams = v.object({
  /** The client's name, for the log; may be empty. */
  clientName: v.string(),
  /** The session to take up again. */
  resumeSessionId: optional(v.string()),
});

/** What a server says of its machine. Clients treat every member but `shell` as optional. */
export const environmentInfo = v.object({
  /** The user's login shell: a name such as `bash` and its path. */
  shell: v.object({ name: v.string(), path: v.string() }),
  executorVersion: v.string(),
  providerId: v.string(),
  /** The server's working directory as a file URI. */
  cwd: v.nullable(v.string()),
  userHomeDir: v.string(),
  /** `linux`, `macos` or `windows`. */
  platformOs: v.string(),
  prependPathDirs: v.array(v.string()),
  temporaryDirectories: v.array(v.string()),
  tempDir: v.string(),
  /** What a client may send; an absent flag means false. */
  capabilities: v.record(v.string(), v.boolean()),
});

export const initializeResult = v.object({ sessionId: v.string(), environmentInfo });

export const environmentStatusResult = v.object({ status: v.literal("ready") });

/** What a server says of its machine. */
export type EnvironmentInfo = v.InferOutput<typeof environmentInfo>;
