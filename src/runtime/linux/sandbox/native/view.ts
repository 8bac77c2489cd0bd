/** The files that a sandbox shows: another tree of mounts than the machine's, which is made of copies of those. */
import type { CallList } from "../../runner/call_list.ts";
import type { OpenDescriptors } from "./open_descriptors.ts";
import { writeTo } from "./write_to.ts";

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_RECURSIVE = 0x8000;
const OPEN_TREE_CLONE = 1;
const O_CLOEXEC = 0o200_0000;
const O_PATH = 0o1000_0000;
const O_DIRECTORY = 0o20_0000;
const RESOLVE_NO_SYMLINKS = 4;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
const MOUNT_ATTR = { readOnly: 1, noSetUid: 2, noDevices: 4, noExec: 8 } as const;
const MS = {
  readOnly: 1,
  noSetUid: 2,
  noDevices: 4,
  noExec: 8,
  recursive: 0x4000,
  private: 0x4_0000,
} as const;
const MNT_DETACH = 2;
const [FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC] = [1, 1];
const [FSCONFIG_SET_STRING, FSCONFIG_CMD_CREATE] = [1, 6];
const S_IFREG = 0o10_0000;
const openHowBytes = 24;
const attributeBytes = 32;

/** What a mount forbids, beside set-user-id programs. */
export type Forbidden = Exclude<keyof typeof MOUNT_ATTR, "noSetUid">;

/** A view that is being made by a list of calls. */
export class View {
  readonly #list: CallList;
  readonly #all: OpenDescriptors;
  readonly #descriptors: OpenDescriptors;
  /** The descriptor of the machine's root directory, where everything is taken from. */
  readonly #machine: number;
  readonly #empty: number;
  readonly #dot: number;
  readonly #how: number;

  /** Puts a root directory in the place of the machine's. */
  constructor(descriptors: OpenDescriptors, root: "machine" | "machine, read only" | "empty") {
    const list = this.#list = descriptors.list.to("take the machine's mounts");
    this.#empty = list.text("");
    this.#dot = list.text(".");
    // No link may lead elsewhere that was put into a path since it was looked up.
    this.#how = list.words(O_PATH | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS);
    const path = list.text("/");
    // What is mounted outside from now on stays outside.
    list.call("mount", 0, path, 0, MS.recursive | MS.private, 0)
      .call("openat", AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    this.#all = descriptors;
    this.#machine = descriptors.next();
    this.#descriptors = descriptors.keepingThese();
    list.to("put another root directory in its place");
    if (root === "empty") this.#stackEmpty(path);
    else this.#stackMachine(path, root === "machine" ? ["noDevices"] : ["noDevices", "readOnly"]);
    list.call("pivot_root", this.#dot, this.#dot);
    this.#descriptors.closeAll();
  }

  /** Shows a file or directory of the machine's at its own path, with all that is mounted below it. */
  show(path: string, ...forbidden: Forbidden[]): void {
    this.#list.to(`show ${path}`);
    const copy = this.#copy(this.#open(this.#machine, path));
    this.#forbid(copy, AT_RECURSIVE, forbidden);
    this.#attach(copy, path);
  }

  /** Shows one of the machine's at another path. */
  showAs(path: string, from: string, ...forbidden: Forbidden[]): void {
    this.#list.to(`show ${from} as ${path}`);
    const copy = this.#copy(this.#open(this.#machine, from));
    this.#forbid(copy, 0, forbidden);
    this.#attach(copy, path);
  }

  /** Shows a file with a text at a path. There must be a `/dev` of its own. */
  showText(path: string, text: string): void {
    const made = "/dev/.text";
    this.file(made);
    this.write(made, text);
    this.#list.to(`show a text as ${path}`);
    const copy = this.#copy(this.#open(AT_FDCWD, made));
    this.#forbid(copy, 0, ["readOnly", "noDevices"]);
    this.#attach(copy, path);
    this.#list.call("unlinkat", AT_FDCWD, this.#list.text(made), 0);
  }

  /** Keeps what is shown at a path from being changed. */
  protect(path: string): void {
    this.#list.to(`protect ${path}`);
    const copy = this.#copy(this.#open(AT_FDCWD, path));
    this.#forbid(copy, AT_RECURSIVE, ["readOnly", "noDevices"]);
    this.#attach(copy, path);
  }

  /** Makes a mount read only, and none below it. */
  seal(path: string): void {
    this.#list.to(`seal ${path}`);
    this.#forbid(this.#open(AT_FDCWD, path), 0, ["readOnly"]);
    this.#descriptors.closeAll();
  }

  /** Mounts a file system that the kernel makes. */
  mount(type: string, path: string, options: string, ...forbidden: Forbidden[]): void {
    const list = this.#list.to(`mount ${type} at ${path}`);
    const flags = forbidden.reduce<number>((all, one) => all | MS[one], MS.noSetUid);
    const name = list.text(type);
    // Where it stands, so that no path is looked up that could have been changed.
    list.call("fchdir", this.#open(AT_FDCWD, path))
      .call("mount", name, this.#dot, name, flags, list.text(options));
    this.#descriptors.closeAll();
  }

  /** Writes to a file of the kernel's. */
  write(path: string, text: string): void {
    writeTo(path, text, this.#descriptors);
  }

  directory(path: string): void {
    this.#list.to(`make ${path}`).call("mkdirat", AT_FDCWD, this.#list.text(path), 0o755);
  }

  file(path: string): void {
    this.#list.to(`make ${path}`).call("mknodat", AT_FDCWD, this.#list.text(path), S_IFREG | 0o666, 0);
  }

  link(path: string, target: string): void {
    const list = this.#list.to(`make ${path}`);
    list.call("symlinkat", list.text(target), AT_FDCWD, list.text(path));
  }

  /** Lets go of the machine's mounts. */
  close(): void {
    this.#list.to("leave the machine's mounts")
      .call("fchdir", this.#machine).call("umount2", this.#dot, MNT_DETACH);
    this.#all.closeAll();
  }

  #stackMachine(path: number, forbidden: Forbidden[]): void {
    this.#list.call("open_tree", AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE);
    const copy = this.#descriptors.next();
    this.#forbid(copy, AT_RECURSIVE, forbidden);
    this.#stack(copy, path);
  }

  #stackEmpty(path: number): void {
    const list = this.#list;
    const type = list.text("tmpfs");
    list.call("fsopen", type, FSOPEN_CLOEXEC);
    const made = this.#descriptors.next();
    list.call("fsconfig", made, FSCONFIG_SET_STRING, list.text("mode"), list.text("0755"), 0)
      .call("fsconfig", made, FSCONFIG_CMD_CREATE, 0, 0, 0)
      .call("fsmount", made, FSMOUNT_CLOEXEC, MOUNT_ATTR.noSetUid | MOUNT_ATTR.noDevices);
    this.#stack(this.#descriptors.next(), path);
  }

  #stack(mount: number, path: number): void {
    this.#list.call("move_mount", mount, this.#empty, AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH)
      .call("fchdir", mount);
  }

  #open(from: number, path: string): number {
    const list = this.#list;
    const name = from === this.#machine ? path.slice(1) : path;
    list.call("openat2", from, list.text(name), this.#how, openHowBytes);
    return this.#descriptors.next();
  }

  #copy(descriptor: number): number {
    const flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
    this.#list.call("open_tree", descriptor, this.#empty, flags);
    return this.#descriptors.next();
  }

  #forbid(mount: number, depth: number, forbidden: readonly Forbidden[]): void {
    const set = forbidden.reduce<number>((all, one) => all | MOUNT_ATTR[one], MOUNT_ATTR.noSetUid);
    const attributes = this.#list.words(set, 0, 0, 0);
    this.#list.call("mount_setattr", mount, this.#empty, AT_EMPTY_PATH | depth, attributes, attributeBytes);
  }

  #attach(mount: number, path: string): void {
    const place = this.#open(AT_FDCWD, path);
    const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
    this.#list.call("move_mount", mount, this.#empty, place, this.#empty, flags);
    this.#descriptors.closeAll();
  }
}
