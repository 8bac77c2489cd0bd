import { systemError } from "../../posix/system_error.ts";
import type { CallFailure } from "../runner/call_list.ts";

/** Says which step failed, and how. */
export function failureText({ call, errno, purpose }: CallFailure): string {
  return `it could not ${purpose}: ${systemError(call, errno).message}`;
}
