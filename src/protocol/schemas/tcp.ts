import * as v from "valibot";
import { name, optional, processId, unsigned } from "./values.ts";

/** Schemas of the tcp family: additive, connections to ports of the server's machine. */

const port = v.pipe(
  v.number(),
  v.check((n: number) => Number.isInteger(n) && n >= 1 && n <= 65_535, "must be a port, 1 to 65,535"),
);

export const connectParams = v.object({
  /** The client's name for the connection: one of the names of its processes. */
  processId,
  /** The port. */
  port,
  /** The host, as the server knows it; its own loopback addresses when absent. */
  host: optional(name),
});

export const connectResult = v.object({
  /** The address that was reached. */
  address: v.string(),
});

export const takenParams = v.object({
  /** The connection. */
  processId,
  /** The last event that its reader has taken, with all before. */
  seq: unsigned,
});

export const closeParams = v.object({
  /** The connection. */
  processId,
});

export const emptyResult = v.object({});
