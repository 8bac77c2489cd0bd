/** The command line of bubblewrap that carries out a plan. */
import { isWritable } from "./is_writable.ts";
import { journalFolder } from "./journal_folder.ts";
import type { Mount, Plan } from "../../../host/confinement.ts";
import { machineFiles } from "./machine_files.ts";

/** What a bubblewrap and its machine can do. */
export interface BubblewrapAbilities {
  /** Whether it can keep its children from making user namespaces of their own. */
  readonly disablesUserNamespaces: boolean;
  /** Whether the kernel lets it mount a `/proc` of its own; the machine's is shown read only otherwise. */
  readonly mountsProc: boolean;
  /** Whether the machine has a path. */
  readonly exists: (path: string) => boolean;
  /** A descriptor of a text, and the file that is to show it; none by default. */
  readonly text?: { readonly descriptor: number; readonly path: string } | undefined;
}

/** The options for a plan of the grade `full`. */
export function bubblewrapOptions(plan: Plan, cwd: string, abilities: BubblewrapAbilities): string[] {
  const { exists, text } = abilities;
  const journals = journalFolder();
  return [
    // With the server, whatever way that ends, everything ends that it has confined.
    "--die-with-parent",
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    // What catches everything has been set up before.
    ...plan.hasNetwork || plan.isTransparent ? [] : ["--unshare-net"],
    ...abilities.disablesUserNamespaces ? ["--disable-userns"] : [],
    ...["--cap-drop", "ALL"],
    ...rootOptions(plan),
    ...["--dev", "/dev"],
    ...abilities.mountsProc ? ["--proc", "/proc"] : ["--ro-bind", "/proc", "/proc"],
    ...abilities.mountsProc ? machineFiles.filter(exists).flatMap((path) => ["--ro-bind", path, path]) : [],
    ...plan.mounts.flatMap(mountOptions),
    ...text ? ["--ro-bind-data", String(text.descriptor), text.path] : [],
    // What is written down there decides what is removed. It comes and goes.
    ...isWritable(journals, plan) ? ["--ro-bind-try", journals, journals] : [],
    ...plan.mounts.flatMap(sealOptions),
    ...plan.root === "empty" ? ["--remount-ro", "/"] : [],
    ...["--chdir", cwd],
  ];
}

function rootOptions({ root }: Plan): string[] {
  if (root === "readOnly") return ["--ro-bind", "/", "/"];
  if (root === "empty") return ["--tmpfs", "/"];
  // What is there is no files, and goes by its owner, too.
  return ["--bind", "/", "/", "--ro-bind-try", "/sys", "/sys"];
}

function mountOptions(mount: Mount): string[] {
  const { kind, path } = mount;
  switch (kind) {
    case "writable":
      return ["--bind", path, path];
    case "readOnly":
    case "emptyDirectory": // Its placeholder: a file system of its own would take longer to make than all the rest.
      return ["--ro-bind", path, path];
    case "hiddenDirectory":
      return ["--perms", mount.isPassage ? "111" : "000", "--tmpfs", path];
    case "hiddenFile":
    case "emptyFile":
      // No device can be opened on such a mount, so that this is a file which nobody can open.
      return ["--ro-bind", "/dev/null", path];
    case "link":
      return ["--symlink", mount.target, path];
  }
}

/** Once everything that lies in it has been mounted. */
function sealOptions({ kind, path }: Mount): string[] {
  return kind === "hiddenDirectory" ? ["--remount-ro", path] : [];
}
