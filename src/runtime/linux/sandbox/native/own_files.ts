/** What a sandbox has of its own: devices, processes, and settings that are not the machine's. */
import type { CallList } from "../../runner/call_list.ts";
import { machineFiles } from "../machine_files.ts";
import type { View } from "./view.ts";

const devices = ["null", "zero", "full", "random", "urandom", "tty"];
const links = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  core: "/proc/kcore",
  ptmx: "pts/ptmx",
};
const userNamespaces = "/proc/sys/user/max_user_namespaces";

/** What there is on this machine, and what the kernel lets be done. */
export interface OwnFilesOptions {
  /** The program's terminal, where it has one. */
  readonly terminal: string | undefined;
  readonly mountsProc: boolean;
  readonly exists: (path: string) => boolean;
}

/**
 * Mounts a `/dev` with what every program may have, and with terminals of its own.
 *
 * @returns the paths of what is in it
 */
export function addDevices(view: View, { terminal, exists }: OwnFilesOptions): string[] {
  view.mount("tmpfs", "/dev", "mode=0755", "noDevices");
  const shown = devices.map((name) => `/dev/${name}`).filter(exists);
  for (const path of shown) {
    view.file(path);
    view.showAs(path, path);
  }
  for (const [name, target] of Object.entries(links)) view.link(`/dev/${name}`, target);
  view.directory("/dev/shm");
  view.directory("/dev/pts");
  view.mount("devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=620", "noExec");
  const made = [...shown, ...Object.keys(links).map((name) => `/dev/${name}`), "/dev/shm", "/dev/pts"];
  if (terminal === undefined) return made;
  // By no other name would a program find the terminal that it is on.
  view.file("/dev/console");
  view.showAs("/dev/console", terminal);
  return [...made, "/dev/console"];
}

/** Mounts a `/proc` of the sandbox's processes alone, in which nothing rules the machine. */
export function addProcesses(view: View, list: CallList, { mountsProc, exists }: OwnFilesOptions): void {
  if (!mountsProc) return view.show("/proc", "readOnly", "noDevices", "noExec");
  view.mount("proc", "/proc", "", "noDevices", "noExec");
  list.to("keep it from making user namespaces");
  view.write(userNamespaces, "0");
  for (const path of machineFiles.filter(exists)) view.protect(path);
}
