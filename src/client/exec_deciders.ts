import * as v from "valibot";
import { clientMethods, type ClientResult } from "../protocol/methods.ts";

const { params: schema } = clientMethods["exec/policyRequest"];

/** A program that a process, or one that it started, is about to run. */
export type ExecQuestion = Omit<v.InferOutput<typeof schema>, "processId">;

/** What becomes of it. */
export type ExecAnswer = ClientResult<"exec/policyRequest">["decision"];

/** Decides about what a process runs. Where it throws, the server decides as if nobody had answered. */
export type ExecDecider = (question: ExecQuestion) => ExecAnswer | Promise<ExecAnswer>;

/** Who decides about what which process runs. */
export class ExecDeciders {
  readonly #deciders = new Map<string, ExecDecider>();

  /** @returns what ends that */
  add(processId: string, decider: ExecDecider): () => void {
    this.#deciders.set(processId, decider);
    return () => {
      if (this.#deciders.get(processId) === decider) this.#deciders.delete(processId);
    };
  }

  /** The answer to what the server asks; undefined where there is nobody to answer it. */
  answer(params: unknown): Promise<ClientResult<"exec/policyRequest">> | undefined {
    const decoded = v.safeParse(schema, params);
    if (!decoded.success) return undefined;
    const { processId, ...question } = decoded.output;
    const decider = this.#deciders.get(processId);
    return decider && Promise.resolve(question).then(decider).then((decision) => ({ decision }));
  }
}
