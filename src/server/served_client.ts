import type { CodexHost } from "../codex/codex_host.ts";
import type { Disk } from "../file_system/disk.ts";
import type { Host } from "../host/host.ts";
import { waitingCalls } from "../host/waiting_calls.ts";
import type { Variables } from "../process/child_environment.ts";
import type { PlatformOs } from "../protocol/file_uri.ts";
import type { EnvironmentInfo } from "../protocol/schemas/session.ts";
import type { Recorder } from "../recording/recorder.ts";
import type { Screens } from "../screen/screens.ts";
import type { ProcessRegistry } from "../process/process_registry.ts";
import type { Role } from "../protocol/roles.ts";
import type { SessionRegistry } from "../session/session_registry.ts";
import type { Session } from "../session/session.ts";
import type { AnswerMemory } from "./answer_memory.ts";
import type { Ask } from "../process/process_owner.ts";
import { ConnectionResources, type Notify } from "./connection_resources.ts";
import type { Call, Outcome } from "./dispatcher.ts";
import { createHandlers } from "./handlers/all.ts";
import type { ConsoleLinks } from "./handlers/console.ts";
import type { NetworkOptions } from "./handlers/managed_network.ts";
import type { Forwarding } from "./forwarding.ts";
import type { Outbox } from "./outbox.ts";
import type { ProcessTracing } from "./traced_start.ts";

/** What all clients are served with. */
export interface ServiceContext {
  readonly sessions: SessionRegistry;
  /** The processes of all sessions. */
  readonly processes: ProcessRegistry;
  readonly screens: Screens;
  /** What records processes, loaded when it is first asked for. */
  readonly recorder: () => Promise<Recorder>;
  readonly os: PlatformOs;
  /** @param binaryMessages whether the client's connection carries any */
  readonly environmentInfo: (binaryMessages: boolean) => EnvironmentInfo;
  readonly codex: CodexHost;
  readonly disk: Disk;
  /** See {@linkcode Host.openNetwork}. */
  readonly openNetwork?: Host["openNetwork"];
  /** How the networks of processes are looked after; as their clients ask by default. */
  readonly processNetworks?: Omit<NetworkOptions, "network"> | undefined;
  /** Connects to ports of this machine. */
  readonly forwarding: Forwarding;
  /** The server's own environment. */
  readonly environment: Variables;
  /** Whether only processes may be started whose files are confined. */
  readonly requiresSandbox: boolean;
  /** Undefined on a server without a console. */
  readonly consoleLinks?: ConsoleLinks | undefined;
  /** How calls and processes are traced, if they are. */
  readonly processTracing?: ProcessTracing | undefined;
  /** What the answers of all connections take. */
  readonly answers: AnswerMemory;
}

/** The connection of one client. */
export interface Peer {
  readonly outbox: Outbox;
  readonly notify: Notify;
  readonly ask: Ask;
  readonly role: Role;
  readonly environmentInfo: () => EnvironmentInfo;
  /** Begins to send and to take binary frames; undefined on a transport that carries text only. */
  readonly useBinaryFrames: (() => void) | undefined;
  /** What one answer may have: more cannot be sent. */
  readonly largestAnswerBytes: number;
  /** Aborted when the connection is gone. */
  readonly signal: AbortSignal;
}

type Served = ReturnType<typeof createHandlers>;

/** A client that has begun a session or taken one up, and what it holds beside that. */
export class ServedClient implements Disposable {
  readonly session: Session;
  readonly #resources: ConnectionResources;
  readonly #handlers: Served;

  constructor(session: Session, context: ServiceContext, peer: Peer) {
    this.session = session;
    session.tell = peer.notify;
    session.ask = peer.ask;
    const calls = waitingCalls.share();
    const disk = context.disk.sharing(calls);
    this.#resources = new ConnectionResources(peer.notify, disk, context.environment);
    this.#handlers = createHandlers({
      ...context,
      ...peer,
      session,
      calls,
      disk,
      resources: this.#resources,
      answerMemory: context.answers,
      registry: context.processes,
    });
  }

  /** Does what a call after the handshake asks for. */
  serve({ name, params }: Call): Outcome {
    // The table's types tie each handler to its schema; here, where the name is only text, they are let go.
    const handler = this.#handlers[name as keyof Served] as (params: unknown) => Outcome;
    return handler(params);
  }

  /** Ends and closes everything but the session. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
