import type { MethodName, ParamsOf, ResultSent } from "../../protocol/methods.ts";
import type { EnvironmentInfo } from "../../protocol/schemas/session.ts";
import type { PlatformOs } from "../../protocol/file_uri.ts";
import type { CallShare } from "../../host/waiting_calls.ts";
import type { Disk } from "../../file_system/disk.ts";
import type { CodexHost } from "../../codex/codex_host.ts";
import type { AnswerMemory } from "../answer_memory.ts";
import type { ConnectionResources } from "../connection_resources.ts";
import type { Logger } from "../../observe/logger.ts";
import type { Outbox } from "../outbox.ts";
import type { Session } from "../../session/session.ts";
import type { Screens } from "../../screen/screens.ts";

/** What a handler may use. */
export interface HandlerContext {
  readonly session: Session;
  readonly outbox: Outbox;
  /** What the connection holds beside its session. */
  readonly resources: ConnectionResources;
  readonly screens: Screens;
  readonly logger: Logger;
  readonly os: PlatformOs;
  readonly environmentInfo: () => EnvironmentInfo;
  readonly codex: CodexHost;
  /** What waits for the machine on the client's behalf waits in it: a disk, the start of a process. */
  readonly calls: CallShare;
  /** The files, whose calls wait in it, too. */
  readonly disk: Disk;
  /** What one answer may have: more cannot be sent. */
  readonly largestAnswerBytes: number;
  /** Where there must be room for a large answer before it is made. */
  readonly answers: AnswerMemory;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

/** A result that writes its JSON text itself, because an encoder would have to copy large strings. */
export class EncodedResult {
  /** Writes the text, at the moment it is sent. */
  readonly encode: () => string;
  /** Called when it was handed to the socket. */
  readonly onSent: (() => void) | undefined;
  /** Called after that, or when it is not sent after all. */
  onOver: (() => void) | undefined;

  constructor(encode: () => string, onSent?: () => void) {
    this.encode = encode;
    this.onSent = onSent;
  }
}

/** Translates one method: params to calls, results to answers. It holds no state and no logic. */
export type Handler<Name extends MethodName> = (
  params: ParamsOf<Name>,
  context: HandlerContext,
) => ResultSent<Name> | EncodedResult | Promise<ResultSent<Name> | EncodedResult>;

/** Handlers of some methods, by name. */
export type Handlers<Name extends MethodName> = { readonly [Method in Name]: Handler<Method> };
