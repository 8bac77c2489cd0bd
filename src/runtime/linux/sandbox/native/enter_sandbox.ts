/** Has the runner make a sandbox around itself. */
import type { Mount, Plan } from "../../../../host/confinement.ts";
import type { CallList } from "../../runner/call_list.ts";
import { isWritable } from "../is_writable.ts";
import { journalFolder } from "../journal_folder.ts";
import { dropCapabilities } from "./drop_capabilities.ts";
import type { ListeningPlaces } from "../listening_steps.ts";
import { addTransparentNetwork } from "../transparent/transparent_steps.ts";
import { resolverFile, resolverText } from "../transparent/resolver_file.ts";
import { bringLoopbackUp, enterNamespaces } from "./namespaces.ts";
import { OpenDescriptors } from "./open_descriptors.ts";
import { addDevices, addProcesses, type OwnFilesOptions } from "./own_files.ts";
import { View } from "./view.ts";

/** What a sandbox is made for. */
export interface SandboxOptions extends OwnFilesOptions {
  readonly plan: Plan;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** The number of the kernel's last capability. */
  readonly lastCapability: number;
  /** The lowest descriptor that is free. */
  readonly firstDescriptor: number;
  /** Descriptors that stay open; they are above all others. */
  readonly keptDescriptors: readonly number[];
  /** Where the server is to listen in its network. */
  readonly listens: ListeningPlaces | undefined;
}

/** Adds the calls that make it. Whoever goes on with the list is the first process in it, and has no rights left. */
export function enterSandbox(list: CallList, options: SandboxOptions): void {
  const { plan, cwd } = options;
  const { listens, firstDescriptor } = options;
  const descriptors = new OpenDescriptors(list, firstDescriptor, firstOf(options.keptDescriptors));
  enterNamespaces(descriptors, {
    ...options,
    hasNetwork: plan.hasNetwork,
    setUpNetwork(descriptors) {
      if (!plan.hasNetwork && plan.filter !== "noNetwork") bringLoopbackUp(descriptors);
      if (listens?.isTransparent) addTransparentNetwork(list, listens, firstDescriptor);
    },
  });
  const view = new View(descriptors, roots[plan.root]);
  const places = new PlacesToMountOn(view, plan);
  places.make("/dev", "directory");
  places.empty("/dev", addDevices(view, options));
  places.make("/proc", "directory");
  addProcesses(view, list, options);
  // What is there is no files, and goes by its owner, too.
  if (plan.root === "writable" && options.exists("/sys")) view.show("/sys", "readOnly", "noDevices");
  for (const mount of plan.mounts) addMount(view, places, mount);
  const names = plan.isTransparent ? resolverFile() : undefined;
  if (names !== undefined) {
    places.make(names, "file");
    view.showText(names, resolverText);
  }
  const journals = journalFolder();
  // What is written down there decides what is removed.
  if (isWritable(journals, plan) && options.exists(journals)) view.show(journals, "readOnly", "noDevices");
  for (const { kind, path } of plan.mounts) if (kind === "hiddenDirectory") view.seal(path);
  if (plan.root === "empty") view.seal("/");
  view.close();
  list.to(`start in ${cwd}`).call("chdir", list.text(cwd));
  dropCapabilities(list, options.lastCapability);
}

function firstOf(descriptors: readonly number[]): number | undefined {
  return descriptors.length > 0 ? Math.min(...descriptors) : undefined;
}

const roots = { readOnly: "machine, read only", writable: "machine", empty: "empty" } as const;

function addMount(view: View, places: PlacesToMountOn, mount: Mount): void {
  const { kind, path } = mount;
  switch (kind) {
    case "writable":
      places.make(path, mount.isFile ? "file" : "directory");
      return view.show(path, "noDevices");
    case "readOnly":
      places.make(path, mount.isFile ? "file" : "directory");
      return view.show(path, "noDevices", "readOnly");
    case "emptyDirectory": // Its placeholder.
      return view.show(path, "noDevices", "readOnly");
    case "hiddenDirectory":
      places.make(path, "directory");
      view.mount("tmpfs", path, `mode=${mount.isPassage ? "0111" : "0000"}`, "noDevices");
      return places.empty(path);
    case "hiddenFile":
    case "emptyFile":
      places.make(path, "file");
      // No device can be opened on such a mount, so that this is a file which nobody can open.
      return view.showAs(path, "/dev/null", "noDevices", "readOnly");
    case "link":
      places.make(path.slice(0, path.lastIndexOf("/")), "directory");
      return view.link(path, mount.target);
  }
}

/** What has to be made to mount on, where what is around it is empty. */
class PlacesToMountOn {
  readonly #view: View;
  /** Everything that is mounted, and whether it was empty; and what was made in it. */
  readonly #known = new Map<string, "empty" | "made" | "full">();

  constructor(view: View, { root }: Plan) {
    this.#view = view;
    this.#known.set("", root === "empty" ? "empty" : "full");
  }

  /** What is mounted at a path is empty, but for what has been made in it. */
  empty(path: string, made: readonly string[] = []): void {
    this.#known.set(path, "empty");
    for (const other of made) this.#known.set(other, "made");
  }

  /** Makes a directory or file where nothing is, to be covered by what is full. */
  make(path: string, kind: "directory" | "file"): void {
    const missing: string[] = [];
    let at = path;
    for (; !this.#known.has(at); at = at.slice(0, at.lastIndexOf("/"))) missing.push(at);
    const isEmpty = this.#known.get(at) !== "full";
    while (isEmpty && missing.length > 0) {
      const next = missing.pop()!;
      if (next === path && kind === "file") this.#view.file(next);
      else this.#view.directory(next);
      this.#known.set(next, "made");
    }
    this.#known.set(path, "full");
  }
}
