import * as v from "valibot";
import { optional } from "./values.ts";

/** Which trace something belongs to: W3C's Trace Context. What is none counts nothing. */
export const traceContext = v.object({
  /** As in the header of this name, such as `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`. */
  traceparent: v.string(),
  /** As in the header of this name, up to 512 characters. */
  tracestate: optional(v.string()),
});

export type TraceContext = v.InferOutput<typeof traceContext>;
