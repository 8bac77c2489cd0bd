import { invalidRequest } from "../../protocol/errors.ts";
import { asProcessHandle, type ProcessId } from "../../protocol/ids.ts";
import type { ParamsOf, ResultSent } from "../../protocol/methods.ts";
import { covers, type Role } from "../../protocol/roles.ts";
import type { ScreenResult } from "../../protocol/schemas/screen.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import type { ProcessRegistry } from "../../process/process_registry.ts";
import type { Screens } from "../../screen/screens.ts";
import type { Attachment } from "../../session/attachment.ts";
import type { Session } from "../../session/session.ts";
import type { OwnedProcess, SessionRegistry } from "../../session/session_registry.ts";
import type { Outbox } from "../outbox.ts";
import { EncodedResult, type Handlers } from "./handler.ts";
import { unknownProcess } from "./process.ts";

/** What the sharing of processes is worked with. */
export interface SharingDomain {
  readonly session: Session;
  readonly sessions: SessionRegistry;
  readonly registry: ProcessRegistry;
  readonly outbox: Outbox;
  readonly screens: Screens;
  /** What the connection may do. */
  readonly role: Role;
}

/** Processes of other clients. */
export function sharingHandlers(domain: SharingDomain): Handlers<
  | "process/listAll"
  | "process/attach"
  | "process/detach"
  | "process/keyboard"
  | "process/adopt"
> {
  const { session, sessions, registry, outbox, screens, role } = domain;
  return {
    "process/listAll"({ sinceRevision }) {
      const { revision } = registry;
      if (sinceRevision === revision) return { revision };
      const withArguments = covers(role, "full");
      return {
        revision,
        processes: [...sessions.processes()].filter(({ process }) => process.who === session.who).map((
          owned,
        ) => listed(owned, withArguments)),
      };
    },

    async "process/attach"({ processId, handle, role: asked, from = {}, lossless, descriptors }) {
      if (!covers(role, asked)) throw invalidRequest(`the token of this connection lets it ${role} only`);
      if (lossless && asked !== "control") {
        throw invalidRequest("lossless needs the role control: it can hold the process up");
      }
      const process = known(registry, handle, session);
      const screen = from.screen && process.tty ? await screens.look(process, picture(from.screen)) : null;
      const afterSeq = screen?.seq ?? from.afterSeq ?? process.log.firstSeq - 1;
      const place = { lossless, afterSeq, hidesDescriptors: !descriptors };
      const attachment = session.attach(processId, process, asked, place);
      return answerAttached(attachment, outbox, { screen, descriptors });
    },

    "process/detach"({ processId }) {
      const attachment = session.find(processId);
      if (attachment?.role !== "owner") attachment?.end("detached");
      else if (attachment.process.lifetime === "server") sessions.leave(session, processId);
      else {throw invalidRequest(
          `process ${processId} ends with its session: start it with the server's lifetime`,
        );}
      return {};
    },

    "process/keyboard"({ processId, take, force, ownerInput, note }) {
      const attachment = find(session, processId);
      if (take) takeKeyboard(attachment, { force, note, holdsOwner: ownerInput === "hold" });
      else attachment.giveKeyboardBack(note);
      return { holder: attachment.keyboard };
    },

    "process/adopt"({ processId, handle, afterSeq, descriptors }) {
      const process = known(registry, handle, session);
      const place = { afterSeq: afterSeq ?? process.log.firstSeq - 1, hidesDescriptors: !descriptors };
      const attachment = sessions.adopt(session, processId, process, place);
      return answerAttached(attachment, outbox, { screen: null, descriptors });
    },
  };
}

function takeKeyboard(
  attachment: Attachment,
  options: { readonly force: boolean; readonly note: string | undefined; readonly holdsOwner: boolean },
): void {
  const { role, process, id } = attachment;
  // Taking the owner's own keyboard back is the owner's right.
  if (role === "owner") {
    return (process.keyboard.holder as Attachment | undefined)?.giveKeyboardBack(options.note);
  }
  if (role === "view") {
    throw invalidRequest(`process ${id}: who is attached with the role view may only look on`);
  }
  const { holder } = process.keyboard;
  if (holder !== undefined && holder !== attachment && !options.force) {
    throw invalidRequest(`process ${id}: another viewer has the keyboard; force takes it all the same`);
  }
  attachment.takeKeyboard(options);
}

/** Its events follow the answer. */
function answerAttached(
  attachment: Attachment,
  outbox: Outbox,
  told: { readonly screen: ScreenResult | null; readonly descriptors: boolean },
): EncodedResult {
  const { process } = attachment;
  const { log, state, tty, sizes } = process;
  const result: ResultSent<"process/attach"> = {
    role: attachment.role,
    lifetime: process.lifetime,
    tty,
    size: sizes?.current ?? null,
    firstSeq: process.firstSeq,
    nextSeq: log.nextSeq,
    exited: state.hasExited,
    exitCode: state.exitCode,
    closed: log.closed !== undefined,
    keyboard: attachment.keyboard,
    ...told.descriptors && process.descriptors.length > 0 && { descriptors: [...process.descriptors] },
    screen: told.screen,
  };
  return new EncodedResult(() => JSON.stringify(result), () => outbox.follow(attachment.subscription));
}

function listed({ process, owner }: OwnedProcess, withArguments: boolean): Listed {
  const { log, state, argv } = process;
  return {
    handle: process.handle,
    processId: process.id,
    name: process.name ?? null,
    lifetime: process.lifetime,
    owner: owner ? { client: owner.session.clientName, attached: owner.isAttached } : null,
    threadId: process.threadId ?? null,
    pid: process.pid,
    tty: process.tty,
    size: process.sizes?.current ?? null,
    argv0: argv[0] ?? "",
    ...withArguments && { argv: [...argv] },
    startedAtMs: process.startedAtMs,
    firstSeq: process.firstSeq,
    nextSeq: log.nextSeq,
    bytes: log.offset,
    exited: state.hasExited,
    exitCode: state.exitCode,
    closed: log.closed !== undefined,
    keyboard: process.keyboard.holder ? "viewer" : "owner",
    viewers: process.viewers,
  };
}

type Listed = NonNullable<ResultSent<"process/listAll">["processes"]>[number];

function picture({ scrollback }: NonNullable<NonNullable<ParamsOf<"process/attach">["from"]>["screen"]>) {
  return { format: "ansi", scrollback } as const;
}

function known(registry: ProcessRegistry, handle: string, { who }: Session): ManagedProcess {
  const process = registry.get(asProcessHandle(handle));
  if (!process || process.who !== who) throw invalidRequest(`unknown process handle ${handle}`);
  return process;
}

function find(session: Session, id: ProcessId): Attachment {
  const attachment = session.find(id);
  if (!attachment) throw unknownProcess(id);
  return attachment;
}
