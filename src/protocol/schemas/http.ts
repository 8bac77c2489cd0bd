import * as v from "valibot";
import { base64, name, optional, unsigned } from "./values.ts";

/** Schemas of the HTTP family. */

const header = v.object({
  /** Lower-case in results. */
  name: v.string(),
  /** Without the line's end. */
  value: v.string(),
});

export const httpRequestParams = v.object({
  /** Such as `GET`. */
  method: v.string(),
  /** Absolute, http or https; a user and password in it become Basic authentication. */
  url: v.string(),
  /** The client's name for the streamed body, unique among the active ones of its connection. */
  requestId: name,
  /** Sent in this order, repeats included. */
  headers: v.optional(
    v.array(v.object({
      ...header.entries,
      /** A variable of the server's environment whose value is appended. */
      valueEnvVar: optional(v.string()),
    })),
    [],
  ),
  /** The request's body. */
  bodyBase64: optional(base64),
  /** Milliseconds for the whole exchange, a streamed body included; none when absent. */
  timeoutMs: optional(unsigned),
  /** Whether redirects are followed, 10 at the most, or answered. */
  redirectPolicy: v.optional(v.picklist(["follow", "stop"]), "follow"),
  /** Answer after the headers and send the body as notifications. */
  streamResponse: v.optional(v.boolean(), false),
});

export const httpRequestResult = v.object({
  /** The HTTP status. */
  status: unsigned,
  /** Lower-case names in the order of arrival, repeats included. */
  headers: v.array(header),
  /** The body, decompressed; empty where it is streamed. */
  bodyBase64: base64,
});

/** `http/request/bodyDelta`. */
export const httpBodyDeltaNotification = v.object({
  /** That of the request. */
  requestId: v.string(),
  /** 1, 2, 3 and so on. */
  seq: unsigned,
  /** At most 1 MiB; empty in the last one. */
  deltaBase64: base64,
  /** True in the last one. */
  done: v.boolean(),
  /** Why the body is incomplete; null where it is complete, and before the last one. */
  error: v.nullable(v.string()),
});

/** The params of `http/request`, decoded. */
export type HttpRequestParams = v.InferOutput<typeof httpRequestParams>;
/** The result of `http/request` as it is sent. */
export type HttpRequestResult = v.InferInput<typeof httpRequestResult>;
/** The params of `http/request/bodyDelta` as they are sent. */
export type HttpBodyDelta = v.InferInput<typeof httpBodyDeltaNotification>;
