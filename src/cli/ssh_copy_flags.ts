const where = "Where";

/** What is done about machines that SSH reaches and that have no exec-server. */
export const sshCopyFlags = {
  "yes": {
    group: where,
    help: "With ssh://, copy exec-server to a machine that has none, without asking",
  },
  "binary": {
    value: "FILE",
    group: where,
    complete: "files",
    help:
      "With ssh://, the exec-server to copy; this program's own by default, where the machine is of its kind",
  },
} as const;
