import type { Disk } from "../file_system/disk.ts";
import { FileHandles } from "../file_system/file_handles.ts";
import { FileWatches } from "../file_system/file_watches.ts";
import { MissingWatch } from "../file_system/missing_watch.ts";
import type { HttpStreams, HttpStreamsOptions } from "./http_streams.ts";
import type { Environment } from "../process/child_environment.ts";
import { writeExact } from "../protocol/exact_json.ts";
import type { NotificationName, NotificationSent } from "../protocol/methods.ts";

/** Sends a notification. Resolves when the client takes more. */
export type Notify = <Name extends NotificationName>(
  method: Name,
  params: NotificationSent<Name>,
) => Promise<void> | void;

/** What one connection holds beside its session: it goes with the connection and is not restored by a resume. */
export class ConnectionResources {
  readonly notify: Notify;
  readonly files: FileHandles;
  readonly missing: MissingWatch;
  readonly watches: FileWatches;
  readonly #httpOptions: HttpStreamsOptions;
  #http: HttpStreams | undefined;
  #disposed = false;

  constructor(notify: Notify, disk: Disk, environment: Environment) {
    this.notify = notify;
    this.files = new FileHandles(disk);
    this.missing = new MissingWatch(
      disk,
      (watchId) => void notify("fs/missingChanged", { watchId: writeExact(watchId) }),
    );
    this.watches = new FileWatches(disk);
    this.#httpOptions = { environment, onDelta: (delta) => notify("http/request/bodyDelta", delta) };
  }

  /** Its HTTP requests. What they need is loaded with the first: most clients make none. */
  async http(): Promise<HttpStreams> {
    const { HttpStreams } = await import("./http_streams.ts");
    this.#http ??= new HttpStreams(this.#httpOptions);
    if (this.#disposed) this.#http.dispose();
    return this.#http;
  }

  /** Ends and closes everything. */
  dispose(): void {
    // Nobody waits for it: whoever could be told that a file does not close is gone.
    this.files[Symbol.asyncDispose]().catch(() => {});
    this.missing[Symbol.dispose]();
    this.watches[Symbol.dispose]();
    this.#http?.dispose();
    this.#disposed = true;
  }
}
