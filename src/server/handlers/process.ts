import { STDIN_QUEUED_BYTES, TERMINAL_SIZE } from "../../limits.ts";
import { encodeBase64 } from "../../protocol/base64.ts";
import { invalidParams, invalidRequest, RpcError } from "../../protocol/errors.ts";
import { ForeignPathError, parseFileUri, type PlatformOs } from "../../protocol/file_uri.ts";
import { asThreadId, type ProcessId } from "../../protocol/ids.ts";
import { refuseConfinement } from "../../process/confinement.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import type { LogSlice } from "../../log/output_log.ts";
import { waitForNews } from "../../log/wait_and_read.ts";
import type { FollowOptions } from "../../screen/screens.ts";
import { EncodedResult, type HandlerContext, type Handlers } from "./handler.ts";

/** The process family. */
export const processHandlers: Handlers<
  | "process/start"
  | "process/read"
  | "process/write"
  | "process/closeStdin"
  | "process/signal"
  | "process/resize"
  | "process/terminate"
  | "process/list"
> = {
  "process/start"(params, context) {
    const { session, screens, os, signal, calls } = context;
    // A client that is gone does not know that it runs, and so will not end it.
    if (signal.aborted) throw invalidRequest("the connection is gone");
    refuseConfinement(params);
    const answers = params.tty && params.screen?.answers === true;
    if (answers) screens.checkRoom();
    const started = session.processes.start({
      id: params.processId,
      argv: params.argv,
      cwd: directory(params.cwd, os),
      env: params.env,
      envPolicy: params.envPolicy,
      arg0: params.arg0,
      terminal: params.tty ? params.size ?? TERMINAL_SIZE : undefined,
      pipeStdin: params.pipeStdin,
      threadId: params.metadata?.threadId === undefined ? undefined : asThreadId(params.metadata.threadId),
      signal,
      calls,
    });
    return started instanceof Promise
      ? started.then((process) => answerStarted(process, context, { answers }))
      : answerStarted(started, context, { answers });
  },

  "process/read"(params, { session, outbox, signal }) {
    const process = session.processes.get(params.processId);
    if (!process) throw unknownProcess(params.processId);
    const { log } = process;
    const subscription = session.subscriptions.get(params.processId);
    let nextSeq = 0;
    // It is read when it is sent: what waits for its client to take answers holds no output.
    const encode = () => {
      const slice = log.read(params);
      nextSeq = slice.nextSeq;
      return encodeReadResult(slice);
    };
    const answer = () =>
      new EncodedResult(encode, () => {
        if (subscription?.readTo(nextSeq)) outbox.answeredMissed(subscription);
      });
    return waitForNews(log, { ...params, signal })?.then(answer) ?? answer();
  },

  "process/write"({ processId, chunk, writeId }, context) {
    const process = find(processId, context);
    if (!process) {
      const isStarting = context.session.processes.isStarting(processId);
      return { status: isStarting ? "starting" : "unknownProcess" };
    }
    if (process.queuedInputBytes > STDIN_QUEUED_BYTES) {
      throw invalidRequest(
        `more than ${STDIN_QUEUED_BYTES} bytes wait for process ${processId} to read them`,
      );
    }
    const answer = (taken: boolean) => ({ status: taken ? "accepted" as const : "stdinClosed" as const });
    const taken = process.write(chunk, writeId);
    return taken instanceof Promise ? taken.then(answer) : answer(taken);
  },

  "process/closeStdin"({ processId }, context) {
    const process = find(processId, context);
    if (!process) return { status: "unknownProcess" };
    return { status: process.closeStdin() ? "accepted" : "stdinClosed" };
  },

  "process/signal"({ processId, signal }, context) {
    find(processId, context)?.signal(signal);
    return {};
  },

  "process/resize"({ processId, size }, context) {
    const process = find(processId, context);
    if (!process) throw unknownProcess(processId);
    process.resize(size);
    return {};
  },

  "process/terminate"({ processId }, context) {
    const process = find(processId, context);
    return { running: process?.terminate() ?? context.session.processes.cancelStart(processId) };
  },

  "process/list"(_params, { session }) {
    return {
      processes: [...session.processes.values()].map((process) => ({
        processId: process.id,
        handle: process.handle,
        threadId: process.threadId ?? null,
        pid: process.pid,
        tty: process.tty,
        startedAtMs: process.startedAtMs,
        nextSeq: process.log.nextSeq,
        exited: process.state.hasExited,
        exitCode: process.state.exitCode,
        closed: process.log.closed !== undefined,
      })),
    };
  },
};

function answerStarted(
  process: ManagedProcess,
  { session, outbox, screens, logger }: HandlerContext,
  options: FollowOptions,
) {
  outbox.follow(session.subscribe(process.id, process));
  screens.follow(process, options);
  const { id, pid, threadId } = process;
  const fields = { session: session.loggedId, process: id, pid, thread: threadId };
  logger.info("process started", fields);
  process.closed.then(() => logger.info("process closed", { ...fields, code: process.state.exitCode }));
  return { processId: process.id, sandboxType: "none" as const };
}

function find(id: ProcessId, { session }: HandlerContext): ManagedProcess | undefined {
  return session.processes.get(id);
}

/** No process has this name. */
export function unknownProcess(id: ProcessId): RpcError {
  return invalidRequest(`unknown process id ${id}`);
}

/** @throws {RpcError} -32602 for what names no directory of this machine */
function directory(uri: string, os: PlatformOs): string {
  try {
    return parseFileUri(uri, os);
  } catch (error) {
    if (error instanceof RpcError || !(error instanceof ForeignPathError)) throw error;
    const prefix = uri.includes("%00") ? "" : `cwd URI \`${uri}\` is not valid on this exec-server host: `;
    throw invalidParams(prefix + error.message, { cause: error });
  }
}

function encodeReadResult({ chunks, ...rest }: LogSlice): string {
  const list = chunks.map(({ seq, stream, bytes }) =>
    `{"seq":${seq},"stream":"${stream}","chunk":"${encodeBase64(bytes)}"}`
  );
  const end = JSON.stringify({ ...rest, sandboxDenied: false });
  return `{"chunks":[${list.join(",")}],${end.slice(1)}`;
}
