import * as v from "valibot";
import { optional, unsigned } from "./values.ts";

/** Schemas of the method that leads to the web console: additive. */

export const linkParams = v.object({
  /** What whoever logs in by it may do, no more than the connection itself; as much when absent. */
  role: optional(v.picklist(["view", "control", "full"])),
});

export const linkResult = v.object({
  /** What goes behind each of the URLs: it logs in once, and holds a secret. */
  path: v.string(),
  /** Where the server offers the console, such as `http://127.0.0.1:7300`. */
  urls: v.array(v.string()),
  /** When it is too old, in milliseconds since 1970. */
  expiresAtMs: unsigned,
});
