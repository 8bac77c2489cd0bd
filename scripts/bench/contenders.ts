/** Everything that is compared, in the order of the table's columns. */
import { version } from "../../src/version.ts";
import { bun, root } from "../places.ts";
import { hostTarget } from "../targets.ts";
import { bareProcess, bareSocket } from "./servers/bare.ts";
import { codex } from "./servers/codex.ts";
import { ours } from "./servers/ours.ts";
import { sshd } from "./servers/sshd.ts";
import { websocketd } from "./servers/websocketd.ts";
import type { Absent, Contender } from "./contender.ts";

/** The contender that ratios are taken to. */
export const rivalName = "codex";

const runOnDeno = [Deno.execPath(), "run", "-A", "--quiet"];
const runOnBun = [bun, "run"];

/** This program's names, each with the runtime it is compared to the bare one of. */
export const ourNames: Readonly<Record<string, "Deno" | "Bun">> = { Deno: "Deno", Bun: "Bun", binary: "Bun" };

/** The floors of a runtime. */
export const floorNames: (runtime: "Deno" | "Bun") => readonly string[] = (runtime) => [
  `bare process, ${runtime}`,
  `bare socket, ${runtime}`,
];

/** Whatever is here, and what is not. */
export function contenders(): (Contender | Absent)[] {
  return [
    bareProcess("bare process, Deno"),
    bareProcess("bare process, Bun", runOnBun),
    bareSocket("bare socket, Deno", [...runOnDeno, `${root}/scripts/bench/servers/bare_server.ts`]),
    bareSocket("bare socket, Bun", [...runOnBun, `${root}/scripts/bench/servers/bare_server.ts`]),
    ours("Deno", [...runOnDeno, `${root}/main.ts`]),
    ours("Bun", [...runOnBun, `${root}/main.ts`]),
    ours("binary", [`${root}/dist/exec-server-${version}-${hostTarget()}-bun`]),
    codex(rivalName),
    sshd("sshd"),
    websocketd("websocketd"),
  ];
}
