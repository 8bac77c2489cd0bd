import { existsSync, readFileSync } from "node:fs";

/** What this machine says of what it lets be done. */
export interface MachineSettings {
  /** The text of a file, without blanks around it; undefined where there is none, or it may not be read. */
  read(path: string): string | undefined;
  exists(path: string): boolean;
}

const inContainer = ["/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io"];

/** What helps where namespaces cannot be made: what this machine's settings tell, or else all that it may be. */
export function namespacesRemedy(settings: MachineSettings = thisMachine): string {
  const found = obstacles.filter(({ isThere }) => isThere(settings));
  const remedies = (found.length > 0 ? found : obstacles).map(({ remedy }) => remedy);
  return `let its user make user namespaces: ${remedies.join("; ")}`;
}

/** What may stand in the way, and what removes it. */
const obstacles: readonly { isThere(settings: MachineSettings): boolean; remedy: string }[] = [
  {
    isThere: ({ read }) => read("/proc/sys/user/max_user_namespaces") === "0",
    remedy: "sysctl user.max_user_namespaces=10000",
  },
  {
    isThere: ({ read }) => read("/proc/sys/kernel/unprivileged_userns_clone") === "0",
    remedy: "sysctl kernel.unprivileged_userns_clone=1",
  },
  {
    isThere: ({ read }) => read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1",
    remedy:
      "on Ubuntu an AppArmor profile for bubblewrap, in /etc/apparmor.d/bwrap: `abi <abi/4.0>, profile " +
      "bwrap /usr/bin/bwrap flags=(unconfined) { userns, }`, loaded with apparmor_parser -r",
  },
  {
    isThere: ({ exists }) => inContainer.some(exists),
    remedy: "in a container a seccomp profile that allows unshare and mount (docker run --security-opt " +
      "seccomp=FILE --security-opt apparmor=unconfined --security-opt systempaths=unconfined)",
  },
];

const thisMachine: MachineSettings = {
  read(path) {
    try {
      return readFileSync(path, "utf8").trim();
    } catch {
      return undefined;
    }
  },
  exists: existsSync,
};
