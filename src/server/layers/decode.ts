import { decodeParams } from "../../protocol/decode.ts";
import type { Layer } from "../dispatcher.ts";

/** Decodes the params: behind it they are what the method's schema says. Refuses, with -32602, those that do not decode. */
export const decode: Layer = (call, next) => {
  call.params = decodeParams(call.method.params, call.params);
  return next();
};
