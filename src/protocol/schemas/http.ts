import * as v from "valibot";
import { base64, optional, unsigned } from "./values.ts";

/** Schemas of the HTTP family. */

const header = v.object({ name: v.string(), value: v.string() });

export const httpRequestParams = v.object({
  method: v.string(),
  /** Absolute, http or https. */
  url: v.string(),
  /** The client's name for the streamed body, unique among the active ones of its connection. */
  requestId: v.string(),
  /** Sent in this order, repeats included. */
  headers: v.optional(
    v.array(v.object({
      ...header.entries,
      /** A variable of the server's environment whose value is appended. */
      valueEnvVar: optional(v.string()),
    })),
    [],
  ),
  bodyBase64: optional(base64),
  /** Milliseconds for the whole exchange, a streamed body included; none when absent. */
  timeoutMs: optional(unsigned),
  redirectPolicy: v.optional(v.picklist(["follow", "stop"]), "follow"),
  /** Answer after the headers and send the body as notifications. */
  streamResponse: v.optional(v.boolean(), false),
});

export const httpRequestResult = v.object({
  status: unsigned,
  /** Lower-case names in the order of arrival, repeats included. */
  headers: v.array(header),
  /** Empty where the body is streamed. */
  bodyBase64: base64,
});

/** `http/request/bodyDelta`. */
export const httpBodyDeltaNotification = v.object({
  requestId: v.string(),
  /** 1, 2, 3 and so on. */
  seq: unsigned,
  /** Empty in the last one. */
  deltaBase64: base64,
  /** True in the last one. */
  done: v.boolean(),
  /** Why the body is incomplete; only in the last one. */
  error: v.nullable(v.string()),
});

/** The params of `http/request`, decoded. */
export type HttpRequestParams = v.InferOutput<typeof httpRequestParams>;
/** The result of `http/request` as it is sent. */
export type HttpRequestResult = v.InferInput<typeof httpRequestResult>;
/** The params of `http/request/bodyDelta` as they are sent. */
export type HttpBodyDelta = v.InferInput<typeof httpBodyDeltaNotification>;
