import type { RequestMessage } from "../protocol/envelope.ts";
import { errorCodes, RpcError } from "../protocol/errors.ts";
import { findMethod, type MethodDefinition, type MethodName } from "../protocol/methods.ts";

/** One request whose method is known. */
export interface Call {
  readonly name: MethodName;
  readonly method: MethodDefinition;
  /** As they were sent, until a layer decodes them. */
  params: unknown;
}

/** What a call comes to: at once, or in time. A refusal is an {@linkcode RpcError}. */
export type Outcome = unknown;

/** What is done around every call, such as to refuse it, to count it or to log it. It calls `next` once, or throws. */
export type Layer = (call: Call, next: () => Outcome) => Outcome;

/** Leads every request through some layers to its handler. */
export class Dispatcher {
  readonly #dispatch: (call: Call) => Outcome;

  /**
   * @param layers the first one is the outermost
   * @param handle does what is asked for
   */
  constructor(layers: readonly Layer[], handle: (call: Call) => Outcome) {
    this.#dispatch = layers.reduceRight<(call: Call) => Outcome>(
      (next, layer) => (call) => layer(call, () => next(call)),
      handle,
    );
  }

  /** @throws {RpcError} -32601 for an unknown method */
  read({ method: name, params }: RequestMessage): Call {
    const method = findMethod(name);
    if (!method) throw unknownMethod(name);
    return { name: name as MethodName, method, params };
  }

  dispatch(call: Call): Outcome {
    return this.#dispatch(call);
  }
}

/** In the words of the reference server. */
function unknownMethod(name: string): RpcError {
  return new RpcError(errorCodes.methodNotFound, `exec-server stub does not implement \`${name}\` yet`);
}
