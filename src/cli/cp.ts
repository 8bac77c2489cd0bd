import { defineCommand } from "./command.ts";
import { copyPlace } from "./copy_place.ts";
import { serverFlags } from "./server_flags.ts";
import { sshCopyFlags } from "./ssh_copy_flags.ts";
import { UsageError } from "./usage_error.ts";

const how = "How to copy";

const flags = {
  ...serverFlags,
  ...sshCopyFlags,
  "recursive": { short: "r", group: how, help: "Copy directories with all that is in them" },
  "exclude": {
    value: "PATTERN",
    repeat: true,
    group: how,
    help:
      "Leave out what matches: a name (node_modules, '*.log'), or a path below what is copied ('build/**')",
  },
  "resume": {
    group: how,
    help: "Leave out files of the same size and time, and go on with a large one that was broken off",
  },
  "quiet": { short: "q", group: how, help: "Show no progress, which is shown on a terminal only" },
} as const;

/** `exec-server cp` */
export const cp = defineCommand({
  name: "cp",
  summary: "Copy files and directories to a server, from one, or between two",
  operands: "SOURCE... TARGET",
  complete: "files",
  description:
    `A place is a PATH of this machine, NAME:PATH of a server in environments.toml (with --fleet, of a host of that \
fleet), :PATH of the server that --url, --environment, --on or EXEC_SERVER_URL names, or URL:PATH for ws://HOST:PORT, \
wss://HOST:PORT and ssh://[USER@]HOST[:PORT]. A PATH of a server that is not absolute begins at the server's directory, \
with ~/ at its user's home. A file of this machine with a colon in its name is written ./a:b.

As with cp, what is copied to a directory that is there goes into it, and TARGET is the copy's own name otherwise; the \
directory above it must be there. Of several copies the TARGET must be a directory. Modes, times and symbolic links below \
a directory are kept; a link that is named is followed. A file replaces one of its name only once all of it has come.

- is a tar archive: as SOURCE one from standard input, unpacked in the directory TARGET; as TARGET one to standard output.

When a connection is lost and comes back, a copy goes on. After Ctrl-C, the same command with --resume does.

Exit status: 0 when everything was copied, 1 when something was not, 2 for a command line that cannot be followed, 125 \
when a server is not there or is lost, 128+N when signal N ended it.`,
  examples: [
    "notes.txt build:/srv/",
    "-r build:/srv/app/logs .",
    "--url ws://127.0.0.1:9000 -r --exclude node_modules app :/srv",
    "-r build:/srv/app ssh://tester:/srv",
    "-r build:/srv/app - | tar -tv",
  ],
  flags,
  async run({ flags, rest }, host) {
    const places = rest.map(copyPlace);
    const target = places.pop();
    if (!target || places.length === 0) {
      throw new UsageError("cp needs a source and a target: exec-server cp [-r] SOURCE... TARGET");
    }
    const streams = [...places, target].filter(({ kind }) => kind === "stream").length;
    if (streams > 1 || (streams === 1 && places.length > 1)) {
      throw new UsageError("- is a tar archive, with one other place beside it");
    }
    if ([...places, target].every(({ kind }) => kind !== "server")) {
      throw new UsageError("No place is on a server: write NAME:PATH, :PATH or URL:PATH for one that is");
    }
    const { copyAll } = await import("./copy_all.ts");
    return await copyAll(places, target, flags, host);
  },
});
