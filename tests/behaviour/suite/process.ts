import { deepStrictEqual as same, match, ok, rejects, strictEqual as is } from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finish, runScript, startScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import { fails } from "../../support/expect.ts";
import type { Behaviours } from "../backend_suite.ts";

/** Starting, ending, and what cannot be started. */
export const processBehaviours: Behaviours = {
  "a process ends with its own exit status": async (backend) => {
    is((await runScript(backend, "exit 3")).exitCode, 3);
    is((await runScript(backend, "exit 0")).exitCode, 0);
    is((await runScript(backend, "exit 255")).exitCode, 255);
  },
  "stdout and stderr come apart": async (backend) => {
    const { text, errorText } = await runScript(backend, "echo out; echo err >&2");
    same([text, errorText], ["out\n", "err\n"]);
  },
  "output is bytes, not text": async (backend) => {
    const { stdout } = await runScript(backend, String.raw`printf '\000\377\200\012\303'`);
    same([...stdout], [0, 255, 128, 10, 0xc3]);
  },
  "arguments arrive as they are": async (backend) => {
    const argv = ["/usr/bin/printf", "%s|", "", "a b", "$HOME", "*", "'\"", "ä\n"];
    const outcome = await finish(await backend.start({ argv, cwd: "/" }));
    is(textOf(outcome.stdout), "|a b|$HOME|*|'\"|ä\n|");
  },
  "a program is looked for in the PATH of the process": async (backend) => {
    const outcome = await finish(
      await backend.start({ argv: ["true"], cwd: "/", env: { PATH: "/nowhere:/bin" } }),
    );
    is(outcome.exitCode, 0);
  },
  "it starts in its directory": async (backend) => {
    is((await runScript(backend, "pwd", { cwd: "/usr/bin" })).text, "/usr/bin\n");
  },
  "a directory may be a file URI": async (backend) => {
    is((await runScript(backend, "pwd", { cwd: "file:///usr/bin" })).text, "/usr/bin\n");
  },
  "a directory may have a name that a URI must escape": async (backend) => {
    const parent = await mkdtemp(join(tmpdir(), "exec-server-"));
    const directory = `${parent}/ ä%20#?`;
    try {
      await mkdir(directory);
      is((await runScript(backend, "pwd", { cwd: directory })).text, `${directory}\n`);
    } finally {
      await rm(parent, { recursive: true });
    }
  },
  "without a directory it starts in the backend's own": async (backend) => {
    is((await runScript(backend, "test -d . && echo yes", { cwd: undefined })).text, "yes\n");
  },
  "arg0 is what the program sees as its name": async (backend) => {
    const process = await backend.start({ argv: ["/bin/sh", "-c", "echo $0"], arg0: "other", cwd: "/" });
    is(textOf((await finish(process)).stdout), "other\n");
  },
  "it leads a process group of its own": async (backend) => {
    const { text } = await runScript(backend, 'echo $$; ps -o pgid= -p $$ | tr -d " "');
    const [pid, group] = text.split("\n");
    is(group, pid);
  },
  "stdin is empty unless asked for": async (backend) => {
    is((await runScript(backend, "cat; echo end")).text, "end\n");
  },
  "a missing program is refused": async (backend) => {
    await fails(
      backend.start({ argv: ["/nowhere/program"], cwd: "/" }),
      -32603,
      /No such file or directory \(os error 2\)/,
    );
  },
  "a program that may not be run is refused": async (backend) => {
    await fails(backend.start({ argv: ["/etc/passwd"], cwd: "/" }), -32603, /\(os error 13\)/);
  },
  "a missing directory is refused": async (backend) => {
    await fails(
      startScript(backend, "true", { cwd: "/nowhere" }),
      -32603,
      /No such file or directory \(os error 2\)/,
    );
  },
  "an empty argv is refused": async (backend) => {
    await fails(backend.start({ argv: [], cwd: "/" }), -32602, /argv must not be empty/);
  },
  "a directory that is no path of the machine is refused": async (backend) => {
    await fails(startScript(backend, "true", { cwd: "file://elsewhere/tmp" }), -32602, /not valid/);
  },
  "a name in use is refused, and its process goes on": async (backend) => {
    const processId = crypto.randomUUID();
    await using process = await startScript(backend, "exec cat", { processId, pipeStdin: true });
    await fails(
      startScript(backend, "true", { processId }),
      -32600,
      new RegExp(`process ${processId} already exists`),
    );
    is(process.state.hasExited, false);
    is(await process.write("x"), "accepted");
  },
  "a failed start leaves its name free": async (backend) => {
    const processId = crypto.randomUUID();
    await rejects(backend.start({ argv: ["/nowhere"], cwd: "/", processId }));
    is((await runScript(backend, "echo ok", { processId })).text, "ok\n");
  },
  "it has the name it was given, or one of its own": async (backend) => {
    const named = await startScript(backend, "true", { processId: `named ä ${crypto.randomUUID()}` });
    match(named.processId, /^named ä /);
    const [one, other] = [await startScript(backend, "true"), await startScript(backend, "true")];
    ok(one.processId !== other.processId);
    for (const process of [named, one, other]) await finish(process);
  },
  "many run at once, each with its own output": async (backend) => {
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, i) => runScript(backend, `echo ${i}; sleep 0.05; echo ${i}; exit ${i}`)),
    );
    outcomes.forEach(({ text, exitCode }, i) => same([text, exitCode], [`${i}\n${i}\n`, i]));
  },
};
