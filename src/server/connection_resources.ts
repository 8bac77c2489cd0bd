import type { Disk } from "../file_system/disk.ts";
import { FileHandles } from "../file_system/file_handles.ts";
import type { FileWatches } from "../file_system/file_watches.ts";
import type { MissingWatch } from "../file_system/missing_watch.ts";
import { AtFirstUse } from "./at_first_use.ts";
import type { HttpStreams } from "./http_streams.ts";
import type { Variables } from "../process/child_environment.ts";
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
  readonly missing: AtFirstUse<MissingWatch>;
  readonly watches: AtFirstUse<FileWatches>;
  readonly http: AtFirstUse<HttpStreams>;

  constructor(notify: Notify, disk: Disk, environment: Variables) {
    this.notify = notify;
    this.files = new FileHandles(disk);
    this.missing = new AtFirstUse(async () => {
      const { MissingWatch } = await import("../file_system/missing_watch.ts");
      return new MissingWatch(
        disk,
        (watchId) => void notify("fs/missingChanged", { watchId: writeExact(watchId) }),
      );
    });
    this.watches = new AtFirstUse(async () => {
      const { FileWatches } = await import("../file_system/file_watches.ts");
      return new FileWatches(disk);
    });
    this.http = new AtFirstUse(async () => {
      const { HttpStreams } = await import("./http_streams.ts");
      return new HttpStreams({ environment, onDelta: (delta) => notify("http/request/bodyDelta", delta) });
    });
  }

  /** Ends and closes everything. */
  dispose(): void {
    // Nobody waits for it: whoever could be told that a file does not close is gone.
    this.files[Symbol.asyncDispose]().catch(() => {});
    for (const held of [this.missing, this.watches, this.http]) held[Symbol.dispose]();
  }
}
