import { FLEET_OPEN_MS, FLEET_WINDOW_DOWN_BYTES, INCOMING_MESSAGE_BYTES } from "../limits.ts";
import { ConnectionError, type Connector, type Transport } from "../transport/transport.ts";
import type { Broker } from "./broker.ts";
import { Carrier } from "./carrier.ts";
import { CarrierTransport } from "./carrier_transport.ts";
import { Grants } from "./grants.ts";
import { carrierVersion, type Opening, readOpeningAnswer, write } from "./opening.ts";
import { subjects } from "./subjects.ts";

/** A host of a fleet, by its group and its name. */
export interface HostAddress {
  readonly group: string;
  readonly name: string;
}

/** How a client comes to a host. */
export interface HostConnectorOptions {
  /** A bearer token, where the host asks for one. */
  readonly token?: string | undefined;
  /** Bytes of one message from the host, above which the carrier is given up. */
  readonly messageBytes?: number | undefined;
}

/** What its transports bring to their end with them. */
interface ConnectorOptions extends HostConnectorOptions {
  /** Called when a transport has ended. */
  readonly onEnd?: (() => void) | undefined;
}

/** The way to a host by a broker. */
export function hostConnector(
  broker: Broker,
  host: HostAddress,
  { onEnd, ...options }: ConnectorOptions = {},
): Connector {
  return {
    resumable: true,
    async connect({ timeoutMs }): Promise<Transport> {
      const { carrier, ended } = await openCarrier(broker, host, { ...options, timeoutMs });
      return new CarrierTransport(carrier, () => {
        ended();
        onEnd?.();
      });
    },
  };
}

/** A carrier that stands, and what is to be done once it has ended. */
export interface OpenCarrier {
  readonly carrier: Carrier;
  readonly ended: () => void;
}

/** How one carrier is opened. */
export interface OpenCarrierOptions extends HostConnectorOptions {
  readonly timeoutMs: number;
}

/** What all carriers of a connection to the broker share. */
const grantsOf = new WeakMap<Broker, Grants>();

/** @throws {ConnectionError} when the host is not there, or refuses */
export async function openCarrier(
  broker: Broker,
  { group, name }: HostAddress,
  options: OpenCarrierOptions,
): Promise<OpenCarrier> {
  const id = crypto.randomUUID();
  const inbox = `${subjects.inboxes(broker.client)}.${id}`;
  const grants = grantsOf.get(broker) ?? new Grants();
  grantsOf.set(broker, grants);
  const window = FLEET_WINDOW_DOWN_BYTES;
  const granted = grants.take(window, 0);
  const early: Uint8Array[] = [];
  let carrier: Carrier | undefined;
  const subscription = broker.subscribe(inbox, ({ bytes, isNobody }) => {
    if (isNobody) carrier?.break("the host is not there any more");
    else if (carrier) carrier.receive(bytes);
    else early.push(bytes);
  });
  try {
    const instance = await askForCarrier(broker, { group, name }, options, {
      v: carrierVersion,
      carrier: id,
      client: broker.client,
      window: granted,
      auth: options.token,
    });
    const to = `${subjects.carriers(group, name, instance.instance)}.${id}`;
    const opened = carrier = new Carrier({
      line: { publish: (frame, answered) => broker.publish(to, frame, answered ? inbox : undefined) },
      grants,
      peerWindow: instance.window,
      window,
      granted,
      messageBytes: options.messageBytes ?? INCOMING_MESSAGE_BYTES,
    });
    const lost = () => opened.break("the connection to the broker is lost");
    broker.lost.add(lost);
    // What came before its events have somewhere to go; they have by the next turn.
    queueMicrotask(() => early.forEach((bytes) => opened.receive(bytes)));
    return {
      carrier: opened,
      ended() {
        broker.lost.delete(lost);
        subscription[Symbol.dispose]();
      },
    };
  } catch (error) {
    grants.give(granted);
    subscription[Symbol.dispose]();
    throw error;
  }
}

async function askForCarrier(
  broker: Broker,
  { group, name }: HostAddress,
  { timeoutMs }: OpenCarrierOptions,
  opening: Opening,
): Promise<{ readonly instance: string; readonly window: number }> {
  const answer = await broker.ask(
    subjects.open(group, name),
    write(opening),
    Math.min(timeoutMs, FLEET_OPEN_MS),
  )
    .catch((error: Error) => {
      throw new ConnectionError(error.message, { cause: error });
    });
  const host = `${group}/${name}`;
  if (!answer) {
    throw new ConnectionError(`The host ${host} is not there: exec-server hosts lists those that are`);
  }
  const read = readOpeningAnswer(answer);
  if (!read) throw new ConnectionError(`The host ${host} answers what cannot be understood`);
  if (!("error" in read)) return read;
  // A host that is full may take this client later.
  const { code, message } = read.error;
  const status = code === "full" ? undefined : code === "unauthorized" ? 401 : 400;
  throw new ConnectionError(`The host ${host} refuses: ${message}`, { status });
}
