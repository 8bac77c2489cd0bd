/** What a program finds when it starts on a terminal, and what happens when it cannot. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { descriptors, type Scenarios, script, spawn } from "./terminal.ts";
import { exitOf } from "../../support/exit_of.ts";

export const start: Scenarios = {
  "a program leads a session whose controlling terminal is its own": async () => {
    const program = script(
      "tty; tty <&1; tty <&2; echo $$; ps -o pid=,pgid=,sid=,tpgid=,tty=,stat= -p $$; echo from-dev-tty >/dev/tty",
    );
    const [tty, tty1, tty2, pid, facts, last] = (await program.rest()).trim().split("\n");
    assert.match(tty!, /^\/dev\/pts\/\d+$/);
    assert.deepEqual([tty1, tty2], [tty, tty]);
    assert.equal(Number(pid), program.child.pid);
    const [ppid, pgid, sid, tpgid, name, state] = facts!.trim().split(/\s+/);
    assert.deepEqual([ppid, pgid, sid, tpgid], [pid, pid, pid, pid]);
    assert.equal("/dev/" + name, tty);
    assert.match(state!, /s.*\+$/, "a session leader in the foreground");
    assert.equal(last, "from-dev-tty");
    assert.deepEqual(await exitOf(program.child), { code: 0, signal: null });
  },

  "a terminal has its size, echo, line editing, signals and UTF-8 from the start": async () => {
    const program = script("stty size; stty -a", { size: { rows: 31, cols: 65_535 } });
    const [size, ...settings] = (await program.rest()).split("\n");
    assert.equal(size, "31 65535");
    const flags = settings.join(" ").split(/[\s;]+/);
    for (const flag of ["icanon", "echo", "isig", "icrnl", "ixon", "opost", "onlcr", "iutf8"]) {
      assert.ok(flags.includes(flag), flag);
    }
  },

  "an interactive shell controls its jobs": async () => {
    const shell = spawn({
      program: "/bin/bash",
      args: ["--norc", "--noprofile", "-i"],
      env: { PATH: "/usr/bin:/bin", TERM: "dumb", PS1: "ready> ", PS2: "" },
    });
    const first = await shell.until("ready> ");
    assert.doesNotMatch(first, /no job control|Inappropriate ioctl/);
    // What is typed before the shell has put the terminal back into line mode would be taken differently.
    await shell.type("echo started; cat\r");
    await shell.until("\r\nstarted\r\n");
    await shell.type("hello\r");
    await shell.until("hello\r\nhello\r\n");
    await shell.type("\x1a");
    assert.match(await shell.until("ready> "), /Stopped\s+cat/);
    await shell.type("jobs\r");
    assert.match(await shell.until("ready> "), /\[1\]\+\s+Stopped\s+cat/);
    await shell.type("fg\r");
    await shell.until("fg\r\ncat\r\n");
    await shell.type("again\r");
    await shell.until("again\r\nagain\r\n");
    await shell.type("\x03");
    await shell.until("ready> ");
    await shell.type("echo $?\r");
    assert.match(await shell.until("ready> "), /\r\n130\r\n/);
    await shell.type("exit 9\r");
    await shell.rest();
    assert.deepEqual(await exitOf(shell.child), { code: 9, signal: null });
  },

  "argv[0], arguments, directory and environment arrive as they were given": async () => {
    const args = ["", " two  blanks ", "ünï©ødé 😀", "new\nline", "-", "$HOME", "'\""];
    // Its argv[0] makes a login shell of it, which must not find anybody's profile.
    const env = {
      HOME: "/",
      PATH: "/usr/bin:/bin",
      EMPTY: "",
      "with space": "=a=b",
      TEXT: "ü\n😀",
      "": "no name",
    };
    const show = "cat /proc/$$/cmdline; printf '\\1'; cat /proc/$$/environ; printf '\\1'; pwd";
    const program = script(show, { argv0: "-ärgv zero", args: ["-c", show, ...args], cwd: "/usr/lib", env });
    const [cmdline, environment, cwd] = (await program.rest()).split("\x01");
    const block = (strings: string[]) => strings.map((string) => string + "\0").join("");
    assert.equal(cmdline, block(["-ärgv zero", "-c", show, ...args]));
    assert.equal(environment, block(Object.entries(env).map(([name, value]) => `${name}=${value}`)));
    assert.equal(cwd, "/usr/lib\n");
  },

  "an empty environment is empty": async () => {
    assert.equal(await spawn({ program: "/usr/bin/env", env: {} }).rest(), "");
  },

  "a large environment arrives whole": async () => {
    const env = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`NAME_${i}`, "x".repeat(1000)]));
    const printed = await spawn({ program: "/usr/bin/env", env }).rest();
    assert.equal(printed, Object.entries(env).map(([name, value]) => `${name}=${value}\n`).join(""));
  },

  "signals are at their defaults and none is blocked, whatever the server ignores": async () => {
    const ignored = (status: string) => /SigIgn:\t(\w+)/.exec(status)![1]!;
    // The process that runs this was started with some signals ignored.
    assert.notEqual(BigInt("0x" + ignored(readFileSync("/proc/self/status", "latin1"))) & 0x202n, 0n);
    const status = await spawn({ program: "/bin/cat", args: ["/proc/self/status"] }).rest();
    assert.equal(ignored(status), "0000000000000000");
    assert.match(status, /SigBlk:\t0000000000000000/);
  },

  "no descriptor but 0, 1 and 2 comes from the server": async () => {
    const other = script("read line");
    const inherited = readdirSync("/proc/self/fd").filter((fd) => Number(fd) > 2 && isInherited(fd));
    const printed = await spawn({ program: "/bin/ls", args: ["/proc/self/fd"] }).rest();
    // One more is the directory that is being listed.
    const own = printed.trim().split(/\s+/).filter((fd) => !inherited.includes(fd));
    assert.deepEqual(own.slice(0, 3), ["0", "1", "2"]);
    assert.equal(own.length, 4, own.join());
    await other.close();
  },

  "a start that fails says why and leaves nothing behind": async () => {
    await spawn({ program: "/bin/true" }).rest();
    const before = descriptors();
    const directory = mkdtempSync(`${tmpdir()}/pty-`);
    const script = `${directory}/script`;
    writeFileSync(script, "echo no interpreter line\n", { mode: 0o755 });
    const failures: [string, Parameters<typeof spawn>[0]][] = [
      ["ENOENT", { program: "/nowhere/program" }],
      ["ENOENT", { program: "/bin/true", cwd: "/nowhere" }],
      ["ENOTDIR", { program: "/bin/true", cwd: "/etc/passwd" }],
      ["EACCES", { program: "/etc/passwd" }],
      ["EACCES", { program: "/usr" }],
      ["ENOEXEC", { program: script }],
      ["E2BIG", { program: "/bin/true", args: ["x".repeat(4_000_000)] }],
    ];
    for (const [code, request] of failures) {
      assert.throws(() => spawn(request), { code }, JSON.stringify(request).slice(0, 100));
    }
    assert.throws(() => spawn({ program: "/bin/true", args: ["a\0b"] }), /NUL character/);
    assert.throws(() => spawn({ program: "/bin/true", env: { A: "\0" } }), /NUL character/);
    assert.equal(descriptors(), before);
    rmSync(directory, { recursive: true });
  },
};

/** Whether every child gets this descriptor, because whoever started this process left it open. */
function isInherited(fd: string): boolean {
  if (!existsSync(`/proc/self/fdinfo/${fd}`)) return false; // It was that of the directory being listed.
  const flags = /flags:\t(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"))![1]!;
  return (Number.parseInt(flags, 8) & 0o2000000) === 0;
}
