import { TERMINAL_SIZE } from "../../limits.ts";
import { invalidParams, invalidRequest, RpcError } from "../../protocol/errors.ts";
import { ForeignPathError, parseFileUri, type PlatformOs } from "../../protocol/file_uri.ts";
import { asThreadId, type ProcessId } from "../../protocol/ids.ts";
import type { ParamsOf, ResultSent } from "../../protocol/methods.ts";
import type { ExecPolicy } from "../../protocol/schemas/exec_policy.ts";
import type { ExecDecisions } from "../../process/exec_decisions.ts";
import type { ManagedProcess } from "../../process/managed_process.ts";
import type { Policy } from "../../sandbox/policy.ts";
import type { FollowOptions } from "../../screen/screens.ts";
import type { Screens } from "../../screen/screens.ts";
import type { Session } from "../../session/session.ts";
import type { Host } from "../../host/host.ts";
import type { CallShare } from "../../host/waiting_calls.ts";
import type { Outbox } from "../outbox.ts";
import { closeDescriptor, writeToDescriptor } from "./descriptors.ts";
import { type ProcessTracing, TracedStart } from "../traced_start.ts";
import type { Handlers } from "./handler.ts";
import type { LookedAfterNetwork, NetworkOptions } from "./managed_network.ts";
import { readOutput } from "./reading.ts";
import { mustType, write, writeLater } from "./typing.ts";

/** What processes are worked with. */
export interface ProcessDomain {
  readonly session: Session;
  readonly outbox: Outbox;
  readonly screens: Screens;
  readonly os: PlatformOs;
  /** What the start of a process waits in. */
  readonly calls: CallShare;
  /** Whether only processes may be started whose files are confined. */
  readonly requiresSandbox: boolean;
  /** How processes are traced, if they are. */
  readonly processTracing?: ProcessTracing | undefined;
  /** Opens what the proxies of processes reach others by; `node:net` where there is none. */
  readonly openNetwork?: Host["openNetwork"];
  /** How they are looked after; as their clients ask by default. */
  readonly processNetworks?: Omit<NetworkOptions, "network"> | undefined;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

/** What is done with a process that has started. */
interface StartedOptions extends FollowOptions {
  readonly tellPid: boolean;
  readonly traced: TracedStart | undefined;
}

type SandboxType = ResultSent<"process/start">["sandboxType"];

/** The processes of a session. */
export function processHandlers(domain: ProcessDomain): Handlers<
  | "process/start"
  | "process/read"
  | "process/write"
  | "process/closeStdin"
  | "process/signal"
  | "process/resize"
  | "process/terminate"
  | "process/list"
> {
  const { session, outbox, screens, os, calls, requiresSandbox, processTracing, signal } = domain;
  const answerStarted = (
    process: ManagedProcess,
    { answers, tellPid, traced }: StartedOptions,
    sandboxType: SandboxType,
  ) => {
    traced?.started(process);
    outbox.follow(session.find(process.id)!.subscription);
    screens.follow(process, { answers });
    return { processId: process.id, sandboxType, ...tellPid && { pid: process.pid } };
  };
  const start = (
    params: ParamsOf<"process/start">,
    policy: Policy | undefined,
    network: LookedAfterNetwork | undefined,
    execs: ExecDecisions | undefined,
  ) => {
    const answers = params.tty && params.screen?.answers === true;
    if (answers) screens.checkRoom();
    const traced = processTracing && new TracedStart(processTracing, params.trace);
    const started = session.start({
      id: params.processId,
      argv: params.argv,
      cwd: directory(params.cwd, os),
      env: traced?.environment(params.env) ?? params.env,
      envPolicy: params.envPolicy,
      network,
      execs,
      arg0: params.arg0,
      terminal: params.tty ? params.size ?? TERMINAL_SIZE : undefined,
      pipeStdin: params.pipeStdin,
      name: params.name,
      lifetime: params.lifetime,
      policy,
      limits: params.limits,
      descriptors: params.descriptors,
      threadId: params.metadata?.threadId === undefined ? undefined : asThreadId(params.metadata.threadId),
      signal,
      calls,
    });
    const options = { answers, tellPid: params.tellPid, traced };
    // The reference server says so whatever the policy takes away.
    const type = policy ? "linuxSeccomp" : "none";
    return started instanceof Promise
      ? started.then((process) => answerStarted(process, options, type))
      : answerStarted(started, options, type);
  };
  const startIn = (
    params: ParamsOf<"process/start">,
    network?: LookedAfterNetwork,
    execs?: ExecDecisions,
  ) => {
    const { sandbox } = params;
    if (!sandbox) {
      if (requiresSandbox) throw unconfined();
      return start(params, undefined, network, execs);
    }
    return import("./sandbox_policy.ts").then(({ policyOf, gradeOf }) => {
      const policy = policyOf(sandbox, os, directory(params.cwd, os));
      if (requiresSandbox && gradeOf(policy) !== "full") throw unconfined();
      return start(params, network?.confine(policy) ?? policy, network, execs);
    });
  };
  const startWithNetwork = async (params: ParamsOf<"process/start">, execs?: ExecDecisions) => {
    const { openNetwork } = await import("./managed_network.ts");
    const network = await openNetwork(params, {
      ...domain.processNetworks,
      network: await domain.openNetwork?.(),
    });
    try {
      const answer = await startIn(params, network, execs);
      network.follow(session.find(params.processId)!.process);
      return answer;
    } catch (error) {
      network.close();
      throw error;
    }
  };
  const startAsked = (params: ParamsOf<"process/start">, execs?: ExecDecisions) => {
    const { networkProxy, enforceManagedNetwork, sandbox } = params;
    // Without a policy, nothing is enforced, as in the reference server.
    if (networkProxy || (enforceManagedNetwork && sandbox)) return startWithNetwork(params, execs);
    return startIn(params, undefined, execs);
  };
  const startDecided = async (params: ParamsOf<"process/start">, policy: ExecPolicy) => {
    const { openExecs } = await import("./exec_policy.ts");
    const { processId } = params;
    const { execs, follow } = openExecs(policy, { processId, session, os, requiresSandbox });
    const answer = await startAsked(params, execs);
    follow(session.find(processId)!.process);
    return answer;
  };
  return {
    "process/start"(params) {
      // A client that is gone does not know that it runs, and so will not end it.
      if (signal.aborted) throw invalidRequest("the connection is gone");
      return params.execPolicy ? startDecided(params, params.execPolicy) : startAsked(params);
    },

    "process/read"(params) {
      const attachment = session.find(params.processId);
      if (!attachment) throw unknownProcess(params.processId);
      return readOutput(attachment, params, { outbox, signal });
    },

    "process/write"({ processId, chunk, writeId, fd }) {
      const attachment = session.find(processId);
      if (!attachment) {
        const isStarting = session.processes.isStarting(processId);
        return { status: isStarting ? "starting" : "unknownProcess" };
      }
      if (fd !== undefined) return writeToDescriptor(attachment, fd, { chunk, writeId });
      if (!attachment.mayType) return writeLater(attachment, () => write(attachment, chunk, writeId));
      return write(attachment, chunk, writeId);
    },

    "process/closeStdin"({ processId, fd }) {
      const attachment = session.find(processId);
      if (!attachment) return { status: "unknownProcess" };
      if (fd !== undefined) return closeDescriptor(attachment, fd);
      mustType(attachment, "end its input");
      return { status: attachment.process.closeStdin() ? "accepted" : "stdinClosed" };
    },

    "process/signal"({ processId, signal }) {
      const attachment = session.find(processId);
      if (attachment && attachment.role !== "owner") mustType(attachment, "signal it");
      attachment?.process.signal(signal);
      return {};
    },

    "process/resize"({ processId, size }) {
      const attachment = session.find(processId);
      if (!attachment) throw unknownProcess(processId);
      attachment.resize(size);
      return {};
    },

    "process/terminate"({ processId }) {
      const attachment = session.find(processId);
      if (attachment && attachment.role !== "owner") mustType(attachment, "end it");
      return { running: attachment?.process.terminate() ?? session.processes.cancelStart(processId) };
    },

    "process/list"() {
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
          signal: process.signalName,
          closed: process.log.closed !== undefined,
        })),
      };
    },
  };
}

/** Whoever may write everywhere gets around any sandbox later. */
function unconfined(): RpcError {
  return invalidRequest(
    "this server starts only processes with a sandbox that restricts their files (--require-sandbox)",
  );
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
