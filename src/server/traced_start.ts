import type { Span, TraceParent, Tracing } from "../observe/tracing.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import { resultOf } from "./process_result.ts";

/** How processes are traced. */
export interface ProcessTracing {
  readonly tracing: Tracing;
  /** Whether a process is told by its environment which trace it belongs to. */
  readonly tellsChildren: boolean;
}

/** The span of one process, from before its start. Of one that does not start its call tells. */
export class TracedStart {
  readonly #span: Span;
  readonly #tellsChild: boolean;

  /** @param parent the call that starts it */
  constructor({ tracing, tellsChildren }: ProcessTracing, parent: TraceParent | undefined) {
    this.#span = tracing.begin("process", { kind: "internal", parent });
    this.#tellsChild = tellsChildren;
  }

  /** The variables of a process; those that it is given go before. */
  environment(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    if (!this.#tellsChild) return given;
    const { traceparent, tracestate } = this.#span.context;
    return { TRACEPARENT: traceparent, ...tracestate !== undefined && { TRACESTATE: tracestate }, ...given };
  }

  started(process: ManagedProcess): void {
    void process.closed.then(() => {
      const attributes = { "exec_server.process.result": resultOf(process) };
      this.#span.end({ isFault: false, attributes });
    });
  }
}
