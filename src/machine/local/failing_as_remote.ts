import { rpcFailure } from "../../protocol/rpc_failure.ts";

/**
 * Runs an operation of this machine, which fails as the same one of another machine does: the contract of both halves of
 * the library has the protocol's errors.
 */
export async function failingAsRemote<Result>(operation: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await operation();
  } catch (error) {
    throw rpcFailure(error);
  }
}
