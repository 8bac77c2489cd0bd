import { osErrorCode } from "../native/os_errors.ts";
import type { ListenOptions } from "../transport/listener.ts";

/** What is wrong with a socket in the file system, and what to do about it. */
const socketReasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "a server listens there already; stop it, or give another path",
  EEXIST: "something that is no socket is there; give another path",
  ENOENT: "the directory does not exist; make it first",
  ENOTDIR: "a part of the path is no directory; give another path",
  ENAMETOOLONG: "the path is too long for a socket, which has room for 107 bytes; give a shorter one",
  EACCES: "no permission to make a socket there; give a directory of your own",
  EPERM: "no permission to make a socket there; give a directory of your own",
  EROFS: "nothing can be written there; give another directory",
};

/** The same of an address. */
function addressReasons(port: number): Readonly<Record<string, string>> {
  const missing = "this machine does not have that address; give one that `ip address` lists, or 127.0.0.1";
  return {
    EADDRINUSE: "the port is in use; give another one, or 0 for a free one",
    EADDRNOTAVAIL: missing,
    EINVAL: missing,
    EAFNOSUPPORT: "this machine has no addresses of that kind; give one of the other, such as 127.0.0.1",
    EACCES: port > 0 && port < 1024
      ? "the port is for the administrator only; give one of 1024 or more"
      : "no permission to listen there; give another port",
  };
}

/** Says why nobody can listen somewhere, and what helps: the runtimes each have their own way. */
export function explainListenFailure(error: unknown, text: string, where: ListenOptions): Error {
  const reasons = "path" in where ? socketReasons : addressReasons(where.port);
  const reason = reasons[osErrorCode(error) ?? ""] ?? (error as Error).message;
  return new Error(`Cannot listen on ${text}: ${reason}`, { cause: error });
}
