import {
  FLEET_ANNOUNCE_MS,
  FLEET_GONE_MS,
  FLEET_MISSED_QUESTIONS,
  FLEET_PROBES,
  FLEET_SILENCE_MS,
} from "../limits.ts";
import { unref } from "../unref.ts";
import type { Broker, BrokerMessage } from "./broker.ts";
import { textFrame } from "./frame.ts";
import { type HostReport, readReport } from "./host_report.ts";
import { discoverHosts, hostText, sortedHosts } from "./hosts.ts";
import { subjects } from "./subjects.ts";

/** Which hosts are watched, and who wants to know of them. */
export interface HostWatchOptions {
  /** Those of one group; all by default. */
  readonly group?: string | undefined;
  /** Called whenever something has changed. */
  readonly onChange: () => void;
}

interface WatchedHost {
  readonly report: HostReport;
  /** Questions to all in turn that it has not answered. */
  readonly missed: number;
  /** When it went, where it is gone. */
  readonly goneAt?: number;
}

/**
 * The hosts of a fleet as they come, change and go. They tell themselves what changes; that one has died the broker says to
 * whoever sends it something.
 */
export class HostWatch implements Disposable {
  readonly #broker: Broker;
  readonly #options: HostWatchOptions;
  readonly #hosts = new Map<string, WatchedHost>();
  readonly #inbox: string;
  /** Hosts that these rights do not reach, so that only what they tell is known of them. */
  readonly #unreached = new Set<string>();
  readonly #parts: Disposable[] = [];
  #probed = 0;

  private constructor(broker: Broker, options: HostWatchOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#inbox = `${subjects.inboxes(broker.client)}.${crypto.randomUUID()}`;
  }

  /** Watches from now on. @returns once it knows who is there */
  static async begin(broker: Broker, options: HostWatchOptions): Promise<HostWatch> {
    const watch = new HostWatch(broker, options);
    watch.#listen();
    await watch.#ask();
    return watch;
  }

  /** The hosts by their names; those that have gone lately are in the state `gone`. */
  get hosts(): HostReport[] {
    return sortedHosts(
      [...this.#hosts.values()].map(({ report, goneAt }) =>
        goneAt === undefined ? report : { ...report, state: "gone" }
      ),
    );
  }

  [Symbol.dispose](): void {
    for (const part of this.#parts.splice(0)) part[Symbol.dispose]();
  }

  #listen(): void {
    const { group = "*" } = this.#options;
    const back = () => void this.#ask();
    const refused = (reason: string) => this.#refused(reason);
    this.#broker.back.add(back);
    this.#broker.refused.add(refused);
    const every = (ms: number, action: () => void) => {
      const timer = setInterval(action, ms);
      unref(timer);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    };
    this.#parts.push(
      this.#broker.subscribe(subjects.announcement(group, "*"), (message) => this.#announced(message)),
      this.#broker.subscribe(`${this.#inbox}.>`, (message) => this.#answered(message)),
      every(FLEET_SILENCE_MS, () => this.#probe()),
      every(FLEET_ANNOUNCE_MS, () => void this.#ask()),
      { [Symbol.dispose]: () => void (this.#broker.back.delete(back), this.#broker.refused.delete(refused)) },
    );
  }

  /** Asks all who they are: one that has not answered several times is gone, whatever the broker says. */
  async #ask(): Promise<void> {
    const before = new Set(this.#hosts.keys());
    // While the broker is lost nobody answers, which says nothing.
    const found = await discoverHosts(this.#broker, this.#options.group).catch(() => undefined);
    if (!found || this.#broker.isLost) return;
    for (const report of found) this.#hosts.set(hostText(report), { report, missed: 0 });
    const answered = new Set(found.map(hostText));
    for (const host of before) {
      const known = this.#hosts.get(host);
      if (!known || answered.has(host)) continue;
      this.#hosts.set(host, { ...known, missed: known.missed + 1 });
      if (known.missed + 1 >= FLEET_MISSED_QUESTIONS) this.#setGone(host);
    }
    this.#forget();
    this.#options.onChange();
  }

  #announced({ subject, bytes }: BrokerMessage): void {
    const report = readReport(bytes);
    // The broker lets a host send to its own subject only.
    if (!report || subject !== subjects.announcement(report.group, report.name)) return;
    const host = hostText(report);
    if (report.state !== "gone") this.#hosts.set(host, { report, missed: 0 });
    else if (this.#hosts.get(host)?.report.instance === report.instance) this.#setGone(host);
    this.#options.onChange();
  }

  /** Sends some of the hosts what the broker gives back where they are gone; the others come next. */
  #probe(): void {
    if (this.#broker.isLost) return;
    const living = [...this.#hosts].filter(([host, { goneAt }]) =>
      goneAt === undefined && !this.#unreached.has(host)
    );
    const count = Math.min(living.length, FLEET_PROBES);
    for (let i = 0; i < count; i++) {
      const { group, name, instance } = living[(this.#probed + i) % living.length]![1].report;
      const to = `${subjects.carriers(group, name, instance)}.probe`;
      this.#broker.publish(to, probe, `${this.#inbox}.${group}.${name}.${instance}`);
    }
    this.#probed = living.length === 0 ? 0 : (this.#probed + count) % living.length;
  }

  #answered({ subject, isNobody }: BrokerMessage): void {
    if (!isNobody) return;
    const [group, name, instance] = subject.slice(this.#inbox.length + 1).split(".");
    const host = `${group}/${name}`;
    const known = this.#hosts.get(host);
    if (known?.report.instance !== instance || known?.goneAt !== undefined) return;
    this.#setGone(host);
    this.#options.onChange();
  }

  #refused(reason: string): void {
    const [, group, name] = /"exec\.h\.([\w-]+)\.([\w-]+)\.[\w-]+\.c\.probe"/.exec(reason) ?? [];
    if (group !== undefined) this.#unreached.add(`${group}/${name}`);
  }

  #setGone(host: string): void {
    const known = this.#hosts.get(host);
    if (known && known.goneAt === undefined) this.#hosts.set(host, { ...known, goneAt: performance.now() });
  }

  #forget(): void {
    for (const [host, { goneAt }] of this.#hosts) {
      if (goneAt !== undefined && performance.now() - goneAt > FLEET_GONE_MS) this.#hosts.delete(host);
    }
  }
}

const probe = textFrame("ping", "");
