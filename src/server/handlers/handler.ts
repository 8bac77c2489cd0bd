import type { BytesOf } from "../../protocol/binary_answers.ts";
import type { MethodName, ParamsOf, ResultSent } from "../../protocol/methods.ts";

/** A result that writes its JSON text itself, because an encoder would have to copy large strings. */
export class EncodedResult {
  /** Writes the text, at the moment it is sent. */
  readonly encode: () => string;
  /** Called when it was handed to the socket. */
  readonly onSent: (() => void) | undefined;
  /** Called after that, or when it is not sent after all. */
  onOver: (() => void) | undefined;
  /** The same as bytes, for a client that takes them. */
  inBytes: BytesOf | undefined;

  constructor(encode: () => string, onSent?: () => void) {
    this.encode = encode;
    this.onSent = onSent;
  }
}

/** A result that comes when somebody else has done something: nobody waits for it meanwhile. */
export class HeldResult {
  readonly result: Promise<unknown>;

  constructor(result: Promise<unknown>) {
    this.result = result;
  }
}

/** Translates one method: params to calls, results to answers. It has what it needs, and no logic. */
export type Handler<Name extends MethodName> = (
  params: ParamsOf<Name>,
) => ResultSent<Name> | EncodedResult | HeldResult | Promise<ResultSent<Name> | EncodedResult>;

/** Handlers of some methods, by name. */
export type Handlers<Name extends MethodName> = { readonly [Method in Name]: Handler<Method> };
