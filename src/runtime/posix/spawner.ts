/** Starts programs behind pipes and on terminals, given a way to the C library. */
import { existsSync } from "node:fs";
import { platform } from "node:process";
import type {
  ChildProcess,
  ConfinedSpawnRequest,
  ProcessSpawner,
  SpawnRequest,
} from "../../host/child_process.ts";
import { journalFolder } from "../linux/sandbox/journal_folder.ts";
import { mayCatch } from "../linux/sandbox/transparent/may_catch.ts";
import type { ConfinedSpawner } from "../linux/sandbox/confined_spawn.ts";
import { whyUndecided } from "../linux/execs/undecided.ts";
import type { LinuxLimits } from "../linux/limits/linux_limits.ts";
import { NotConfinedError, type Plan, type SandboxMechanism } from "../../host/confinement.ts";
import type { ProcessLimits } from "../../host/process_limits.ts";
import { prepareBorrowing } from "./child_on_borrowed.ts";
import { withDescriptors } from "./child_descriptors.ts";
import { childOnPipes, preparePipes } from "./child_on_pipes.ts";
import { childOnTerminal, prepareTerminal } from "./child_on_terminal.ts";
import { ChildReaper } from "./child_reaper.ts";
import { keepFromChildren } from "./inherited_descriptors.ts";
import { watchMounts } from "./mount_watch.ts";
import type { Native } from "./native.ts";
import { lookThrough } from "./path_look.ts";
import { spawnSession, spawnSessionOffThread } from "./posix_spawn.ts";
import type { PreparedChild, Shared } from "./prepared_child.ts";
import { processListing } from "./process_listing.ts";
import { isExhausted } from "./shared_libc.ts";

/**
 * Starts programs through the C library, which is opened by the first call.
 *
 * @param openNative throws where there is no way to it; so does every start on a terminal then
 * @param spawnPipesOtherwise starts programs behind pipes where there is no way to it
 */
export function posixSpawner(
  openNative: () => Native,
  spawnPipesOtherwise: ProcessSpawner["spawnPipes"],
): ProcessSpawner {
  let opened: { shared: Shared } | { reason: unknown } | undefined;
  const native = () => {
    opened ??= open(openNative);
    if ("reason" in opened) throw opened.reason;
    return opened.shared;
  };
  const nativeToConfine = () => {
    try {
      return native();
    } catch (error) {
      if (isExhausted(error)) throw error;
      throw new NotConfinedError((error as Error).message, "it takes calls of the C library", {
        cause: error,
      });
    }
  };
  let confiner: ConfinedSpawner | undefined;
  let bubblewrap: string | undefined;
  let mechanism: SandboxMechanism = "bwrap";
  const confine = async () => {
    if (confiner) return confiner;
    const shared = nativeToConfine();
    const { ConfinedSpawner } = await import("../linux/sandbox/confined_spawn.ts");
    const { makeMechanism } = await import("../linux/sandbox/make_mechanism.ts");
    const made = await makeMechanism(mechanism, shared, bubblewrap);
    const ready = async (asked: ProcessLimits) => (await linuxLimits()).ready(asked);
    return confiner ??= new ConfinedSpawner(shared, made, ready);
  };
  let limits: LinuxLimits | undefined;
  const linuxLimits = async () => {
    const { libc } = native();
    const { LinuxLimits } = await import("../linux/limits/linux_limits.ts");
    return limits ??= new LinuxLimits(libc);
  };
  /** Set where what is started is to end with this program. */
  let Loaded: typeof LinuxLimits | undefined;
  const bindToEnd = ({ libc, reaper }: Shared) => {
    if (!Loaded) return;
    const { end } = limits ??= new Loaded(libc);
    reaper.observer = end;
    end.enter();
  };
  const startConfined = async ({ child, ...rest }: ConfinedSpawnRequest) => {
    const confiner = await confine();
    bindToEnd(native());
    return await confiner.start(
      { child, ...rest },
      () => prepare(native(), child),
    );
  };
  return {
    spawnPipes(request) {
      opened ??= open(openNative);
      if ("reason" in opened) return spawnPipesOtherwise(request);
      bindToEnd(opened.shared);
      return start(opened.shared, request, prepare(opened.shared, request));
    },
    spawnTerminal(request) {
      const shared = native();
      bindToEnd(shared);
      return start(shared, request, prepare(shared, request));
    },
    adopt: (pid, descriptors) =>
      descriptors.kind === "pipes"
        ? childOnPipes(native(), pid, descriptors)
        : childOnTerminal(native(), pid, descriptors),
    confined: {
      placeholders: async () => (await confine()).placeholders(),
      start: startConfined,
      mayCatch: () => mechanism !== "landlock" && mayCatch(),
      useBubblewrap: (path) => void (bubblewrap = path),
      useMechanism(other) {
        mechanism = other;
        confiner = undefined;
      },
      async sweep() {
        if (existsSync(journalFolder())) await (await confine()).sweep();
      },
    },
    ...platform === "linux" && {
      limited: {
        support: async () => (await linuxLimits()).support(),
        start: async (limits, child) => await startConfined({ plan: unconfined, limits, child }),
      },
      decided: {
        isThere: () => whyUndecided() === undefined,
        start: async (request) => await startConfined({ plan: unconfined, ...request }),
      },
      programEnd: {
        watch: async () => void ({ LinuxLimits: Loaded } = await import("../linux/limits/linux_limits.ts")),
        daemons: async () => (await linuxLimits()).end.daemons,
      },
    },
    inTime: {
      async spawnPipes(request) {
        opened ??= open(openNative);
        if ("reason" in opened) return spawnPipesOtherwise(request);
        bindToEnd(opened.shared);
        return await startInTime(opened.shared, request, prepare(opened.shared, request));
      },
      async spawnTerminal(request) {
        const shared = native();
        bindToEnd(shared);
        return await startInTime(shared, request, prepare(shared, request));
      },
    },
  };
}

/** Nothing is taken away but what limits say. */
const unconfined: Plan = {
  grade: "none",
  root: "writable",
  mounts: [],
  hasNetwork: true,
  filter: undefined,
};

function open(openNative: () => Native): { shared: Shared } | { reason: unknown } {
  let native: Native;
  try {
    native = openNative();
  } catch (reason) {
    // A later start may find some.
    if (isExhausted(reason)) throw reason;
    return { reason };
  }
  const { libc } = native;
  keepFromChildren(libc);
  watchMounts(libc);
  lookThrough(libc);
  return { shared: { ...native, reaper: new ChildReaper(libc), processes: processListing(libc.c) } };
}

/** Opens what a child is started with. */
function prepare(shared: Shared, request: ConfinedSpawnRequest["child"]): PreparedChild {
  if ("standard" in request) return prepareBorrowing(shared, request);
  const child = "size" in request ? prepareTerminal(shared, request) : preparePipes(shared, request);
  const { descriptors = [] } = request;
  return descriptors.length === 0 ? child : withDescriptors(shared, child, descriptors);
}

function start({ libc }: Shared, request: SpawnRequest, child: PreparedChild): ChildProcess {
  try {
    return child.started(spawnSession(libc, request, child.standard, child.passed));
  } catch (error) {
    child.failed();
    throw error;
  }
}

async function startInTime(
  { libc }: Shared,
  request: SpawnRequest,
  child: PreparedChild,
): Promise<ChildProcess> {
  try {
    return child.started(await spawnSessionOffThread(libc, request, child.standard, child.passed));
  } catch (error) {
    child.failed();
    throw error;
  }
}
