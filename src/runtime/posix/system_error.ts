import { constants } from "node:os";

const names = new Map(Object.entries(constants.errno).reverse().map(([name, number]) => [number, name]));

/** An error of the operating system: the message names the failed call, `code` is the error's, such as `"ENOENT"`. */
export function systemError(call: string, errno: number): Error {
  const code = names.get(errno) ?? `E${errno}`;
  return Object.assign(new Error(`${call} failed with ${code}`), { code, errno });
}
