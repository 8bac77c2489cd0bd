import { match, rejects, strictEqual as is, throws } from "node:assert/strict";
import type { StartRequest } from "../../../src/machine/exec_backend.ts";
import { UnifiedExecProcess, type WaitOptions } from "../../../src/collect/unified_process.ts";
import { finish, startScript } from "../../support/backend_process.ts";
import { textOf } from "../../support/client.ts";
import type { Behaviours } from "../backend_suite.ts";

/** What a program without types gets wrong, and what a terminal is like by default. */
export const misuseBehaviours: Behaviours = {
  "a command line in one text is refused with what to write instead": async (backend) => {
    const start = (argv: unknown) => backend.start({ argv, cwd: "/" } as StartRequest);
    await rejects(
      start("ls -la"),
      /argv must be an array of strings, such as \["ls","-la"\]; .*\["sh", "-c", "ls -la"\]/,
    );
    for (const argv of [undefined, null, 7, {}, ["ls", 7]]) {
      await rejects(start(argv), /argv must be an array of strings, such as \["ls", "-la"\]/);
    }
  },
  "a member that means nothing is refused by its name": async (backend) => {
    for (
      const [name, hint] of [
        [
          "timeout",
          /it has argv, cwd, env, envPolicy, arg0, pipeStdin, tty, size, screen, descriptors, sandbox, limits, execPolicy, lossless, processId, name, lifetime$/,
        ],
        ["arg", /did you mean (argv|arg0)\?$/],
        ["pipestdin", /did you mean pipeStdin\?$/],
        ["pty", /did you mean tty\?$/],
        ["directory", /did you mean cwd\?$/],
        ["environment", /did you mean env\?$/],
      ] as const
    ) {
      await rejects(
        backend.start({ argv: ["true"], [name]: "x" } as unknown as StartRequest),
        (error: Error) => {
          is(error.name, "TypeError");
          match(error.message, new RegExp(`^start has no option "${name}"; `));
          match(error.message, hint);
          return true;
        },
      );
    }
    await finish(await backend.start({ argv: ["true"], timeout: undefined } as unknown as StartRequest));
  },
  "a relative directory is refused": async (backend) => {
    for (const cwd of ["src", "./src", "../src", ".", "~/src"]) {
      await rejects(backend.start({ argv: ["true"], cwd }), /The path ".*" is not absolute/);
    }
    await rejects(
      backend.start({ argv: ["true"], cwd: 7 } as unknown as StartRequest),
      /cwd must be a string/,
    );
  },
  "a variable that is no text is refused": async (backend) => {
    const start = (env: unknown) => backend.start({ argv: ["true"], env } as StartRequest);
    await rejects(start({ DEBUG: 1 }), /env must hold strings: that of "DEBUG" is number/);
    await rejects(start(["DEBUG=1"]), /env must be an object of strings/);
  },
  "a wait's option that means nothing is refused by its name": async (backend) => {
    const process = await startScript(backend, "exec sleep 60");
    throws(
      () => new UnifiedExecProcess(process, { maxBuffer: 1 } as object),
      /^TypeError: UnifiedExecProcess has no option "maxBuffer"; did you mean limitBytes\?$/,
    );
    await using wrapped = new UnifiedExecProcess(process);
    const wait = (options: object) => wrapped.waitUntil(options as WaitOptions);
    for (const name of ["timeout", "timeoutMs", "deadline", "deadlinems"]) {
      await rejects(
        wait({ [name]: 5 }),
        new RegExp(`waitUntil has no option "${name}"; did you mean deadlineMs\\?$`),
      );
    }
    await rejects(wait(5 as unknown as object), /waitUntil takes its options as an object, not 5/);
  },
  "a terminal has a type by default, and the one that it is given": async (backend) => {
    const typeOf = async (request: Partial<StartRequest>) => {
      const { events } = await finish(await startScript(backend, "echo [$TERM]", request));
      return events.map((event) => event.kind === "output" ? textOf(event.bytes) : "").join("").trim();
    };
    is(await typeOf({ tty: true }), "[xterm-256color]");
    is(await typeOf({ tty: true, env: { TERM: "vt100" } }), "[vt100]");
    is(await typeOf({ tty: true, env: { TERM: "" } }), "[]");
    // Some shells say so themselves.
    match(await typeOf({ envPolicy: null, env: { PATH: "/bin:/usr/bin" } }), /^\[(dumb)?\]$/);
  },
};
