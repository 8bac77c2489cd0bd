import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import {
  FLEET_ANNOUNCE_MS,
  FLEET_CHANGE_MS,
  FLEET_NAME_TAKEN_MS,
  FLEET_WINDOW_UP_BYTES,
  MESSAGE_BYTES,
} from "../limits.ts";
import type { Credential } from "../endpoint/bearer.ts";
import type { Logger } from "../observe/logger.ts";
import type { Role } from "../protocol/roles.ts";
import type { MessageSocket } from "../transport/message_socket.ts";
import { unref } from "../unref.ts";
import { version } from "../version.ts";
import type { Broker, BrokerMessage } from "./broker.ts";
import { Carrier } from "./carrier.ts";
import { CarrierSocket } from "./carrier_socket.ts";
import { Drain, readDrainRequest } from "./drain.ts";
import { FleetError } from "./fleet_error.ts";
import { textFrame } from "./frame.ts";
import { Grants } from "./grants.ts";
import type { HostReport } from "./host_report.ts";
import type { Labels } from "./labels.ts";
import {
  carrierVersion,
  type Opening,
  type OpeningAnswer,
  type OpeningRefusal,
  readOpening,
  write,
} from "./opening.ts";
import { subjects } from "./subjects.ts";

/** What a fleet asks of a server. */
export interface FleetServer {
  /** Serves one client. Resolves when it is gone. */
  accept(socket: MessageSocket, role?: Role, who?: string): Promise<void>;
  /** Lets no session begin, or lets them again. */
  setDraining(draining: boolean): void;
  /** Why no further connection is taken just now, if so. */
  refuseConnection(): string | undefined;
  /** Processes that run, and sessions. */
  readonly activity: { readonly processes: number; readonly sessions: number };
}

/** A host's place in its fleet. */
export interface FleetHostOptions {
  readonly group: string;
  readonly name: string;
  readonly labels: Labels;
  readonly server: FleetServer;
  /** Looks at what a client shows, an Authorization header's value; undefined lets in whomever the broker does. */
  readonly bearer:
    | ((authorization: string | null) => Credential)
    | undefined;
  readonly os: string;
  readonly logger: Logger;
  /** Called once it has drained: it is to end. */
  readonly onDrained: () => void;
}

/** A server as a host of a fleet: it is found there, and opens carriers to who may have them. */
export class FleetHost implements AsyncDisposable {
  /** Tells this life of the host from those before it, whose carriers are broken. */
  readonly #instance = crypto.randomUUID();
  readonly #broker: Broker;
  readonly #options: FleetHostOptions;
  readonly #carriers = new Map<string, Carrier>();
  readonly #grants = new Grants();
  readonly #subscriptions: Disposable[] = [];
  readonly #drain: Drain;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  /** What it does, as it was announced last. */
  #announced = "";
  #gone = false;

  private constructor(broker: Broker, options: FleetHostOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#drain = new Drain({
      isIdle: () => options.server.activity.processes === 0,
      onChange: () => {
        options.server.setDraining(this.#drain.active);
        this.#announce();
      },
      onDrained: options.onDrained,
    });
    this.#timers = [
      setInterval(() => this.#announce(), FLEET_ANNOUNCE_MS),
      setInterval(() => this.#announceChange(), FLEET_CHANGE_MS),
    ];
    for (const timer of this.#timers) unref(timer);
  }

  /** @throws {FleetError} where a living host has this name, and where the broker does not let it be one */
  static async join(broker: Broker, options: FleetHostOptions): Promise<FleetHost> {
    const host = new FleetHost(broker, options);
    try {
      await host.#join();
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#gone) return;
    this.#gone = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#drain[Symbol.dispose]();
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const carrier of [...this.#carriers.values()]) carrier.close("the host stops");
    // A host that was refused is not the one of this name.
    if (this.#subscriptions.length > 0) this.#announce("gone");
    // What was published last has gone out by then, unless the broker is lost.
    await this.#broker.flushed().catch(() => {});
  }

  async #join(): Promise<void> {
    const { group, name, logger } = this.#options;
    let refused: string | undefined;
    const onRefused = (reason: string) => {
      refused ??= reason;
      logger.error("fleet refused", { reason });
    };
    this.#broker.refused.add(onRefused);
    const own = subjects.ofHost(group, name);
    const others = await this.#broker.ask(
      `${own}.who`,
      write({ instance: this.#instance }),
      FLEET_NAME_TAKEN_MS,
    ).catch((error: Error) => {
      throw notAllowed(group, name, error.message);
    });
    if (refused !== undefined) throw notAllowed(group, name, refused);
    if (others) {
      throw new FleetError(
        `A host named ${group}/${name} is in the fleet: end it, or give this one another --fleet-name`,
      );
    }
    this.#subscribe(`${own}.who`, (message) => this.#answer(message, { instance: this.#instance }));
    this.#subscribe(subjects.open(group, name), (message) => this.#open(message), "host");
    this.#subscribe(subjects.admin(group, name), (message) => this.#administer(message), "host");
    this.#subscribe(
      `${subjects.carriers(group, name, this.#instance)}.*`,
      (message) => this.#deliver(message),
    );
    for (const asked of [group, undefined]) {
      this.#subscribe(subjects.discover(asked), (message) => this.#answer(message, this.#report()));
    }
    this.#broker.lost.add(() => this.#break());
    this.#broker.back.add(() => {
      logger.info("fleet joined again", { group, name });
      this.#announce();
    });
    await this.#broker.flushed();
    if (refused !== undefined) throw notAllowed(group, name, refused);
    this.#announce();
  }

  #subscribe(subject: string, onMessage: (message: BrokerMessage) => void, queue?: string): void {
    this.#subscriptions.push(this.#broker.subscribe(subject, onMessage, queue));
  }

  #break(): void {
    this.#options.logger.warn("fleet lost", { carriers: this.#carriers.size });
    for (const carrier of [...this.#carriers.values()]) carrier.break("the connection to the broker is lost");
  }

  #open(message: BrokerMessage): void {
    const opening = readOpening(message.bytes);
    const credential = opening && this.#credential(opening);
    const refusal = this.#refuse(opening, credential);
    if (refusal) {
      this.#options.logger.info("carrier refused", { ...refusal, client: opening?.client });
      return this.#answer(message, { error: refusal });
    }
    const { carrier: id, client } = opening!;
    const granted = this.#grants.take(FLEET_WINDOW_UP_BYTES, 0);
    this.#answer(message, { v: carrierVersion, instance: this.#instance, window: granted });
    const { group, name, server } = this.#options;
    const inbox = `${subjects.inboxes(client)}.${id}`;
    const own = `${subjects.carriers(group, name, this.#instance)}.${id}`;
    const carrier = new Carrier({
      line: {
        publish: (frame, answered) => this.#broker.publish(inbox, frame, answered ? own : undefined),
      },
      grants: this.#grants,
      peerWindow: opening!.window,
      window: FLEET_WINDOW_UP_BYTES,
      granted,
      messageBytes: MESSAGE_BYTES,
    });
    this.#carriers.set(id, carrier);
    const { role, who } = credential && "role" in credential
      ? credential
      : { role: undefined, who: `fleet client ${client}` };
    server.accept(
      new CarrierSocket(carrier, `fleet client ${client}`),
      role,
      who,
    )
      .finally(() => this.#carriers.delete(id));
  }

  #refuse(
    opening: Opening | undefined,
    credential: Credential | undefined,
  ): { code: OpeningRefusal; message: string } | undefined {
    if (!opening) return { code: "malformed", message: "it cannot read what asks for a carrier" };
    if (opening.v !== carrierVersion) {
      return {
        code: "version",
        message: `it speaks version ${carrierVersion} of the carrier, not ${opening.v}`,
      };
    }
    if (this.#carriers.has(opening.carrier)) return { code: "malformed", message: "this carrier is there" };
    if (credential && "refusal" in credential) return { code: "unauthorized", message: credential.refusal };
    const full = this.#options.server.refuseConnection();
    return full === undefined ? undefined : { code: "full", message: full };
  }

  /** What a client shows; nothing where only the broker asks for something. */
  #credential({ auth }: Opening): Credential | undefined {
    return this.#options.bearer?.(auth === undefined ? null : `Bearer ${auth}`);
  }

  #deliver({ subject, bytes, isNobody, replyTo }: BrokerMessage): void {
    const carrier = this.#carriers.get(subject.slice(subject.lastIndexOf(".") + 1));
    if (isNobody) carrier?.break("the client is not there any more");
    else if (carrier) carrier.receive(bytes);
    // Whoever asks for a sign of life of a carrier that is no more learns of it at once.
    else if (replyTo !== undefined) this.#broker.publish(replyTo, carrierGone);
  }

  #administer(message: BrokerMessage): void {
    const request = readDrainRequest(message.bytes);
    if (request?.undo) this.#drain.undo();
    else if (request) this.#drain.begin(request.deadlineMs);
    this.#options.logger.info("fleet drain", { draining: this.#drain.active });
    this.#answer(message, this.#report());
  }

  #answer({ replyTo }: BrokerMessage, value: OpeningAnswer | HostReport | { instance: string }): void {
    if (replyTo !== undefined) this.#broker.publish(replyTo, write(value));
  }

  #announceChange(): void {
    if (this.#activity !== this.#announced) this.#announce();
  }

  get #activity(): string {
    return JSON.stringify(this.#options.server.activity);
  }

  #announce(state?: HostReport["state"]): void {
    const { group, name } = this.#options;
    this.#announced = this.#activity;
    this.#broker.publish(subjects.announcement(group, name), write(this.#report(state)));
  }

  #report(state: HostReport["state"] = this.#drain.active ? "draining" : "ready"): HostReport {
    const { group, name, labels, os, server } = this.#options;
    return {
      v: carrierVersion,
      group,
      name,
      instance: this.#instance,
      state,
      labels,
      os,
      arch: process.arch,
      version,
      ...server.activity,
      load: Math.round(loadavg()[0]! / availableParallelism() * 100) / 100,
    };
  }
}

function notAllowed(group: string, name: string, reason: string): FleetError {
  return new FleetError(
    `The broker does not let this be the host ${group}/${name}: ${reason}; the credentials are for another one`,
  );
}

const carrierGone = textFrame("close", "the host does not know this carrier");
