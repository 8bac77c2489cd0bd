/** Who decides about what processes run: real shells and programs, on pipes and terminals, confined and not. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ExecAnswer, ExecQuestion } from "../../src/client/exec_deciders.ts";
import type { ExecServerClient } from "../../src/client/client.ts";
import type { NotificationOf, ParamsSent } from "../../src/protocol/methods.ts";
import { bytesOf, collect, nextEvent, openClient, startParams, textOf } from "../support/client.ts";
import { pathToFileUrl } from "../support/file_url.ts";
import { isAlive, until } from "../support/proc.ts";
import { canConfine, entry, restricted, rootRead } from "../support/sandbox.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";

type Start = ParamsSent<"process/start">;
type Policy = NonNullable<Start["execPolicy"]>;
type Decision = NotificationOf<"exec/policyDecision">;

interface Fixture extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly client: ExecServerClient;
  readonly folder: TempFolder;
  readonly decisions: Decision[];
  start(argv: string[], policy?: Partial<Policy>, more?: Partial<Start>): Start;
  run(
    argv: string[],
    decide?: ((question: ExecQuestion) => ExecAnswer | Promise<ExecAnswer>) | undefined,
    policy?: Partial<Policy>,
    more?: Partial<Start>,
  ): Promise<{ exitCode: number; out: string; err: string; pty: string; decided: string[] }>;
}

async function open(): Promise<Fixture> {
  const folder = new TempFolder();
  const server = await startServer();
  const client = await openClient(server.url);
  const decisions: Decision[] = [];
  client.listen("exec/policyDecision", (decision) => void decisions.push(decision));
  let count = 0;
  const start: Fixture["start"] = (argv, policy = {}, more = {}) =>
    startParams(`p${++count}`, argv, {
      cwd: pathToFileUrl(folder.path),
      env: { PATH: "/usr/bin", HOME: folder.path, TOLD: "at the start" },
      execPolicy: { timeoutMs: 5_000, ...policy },
      ...more,
    });
  return {
    server,
    client,
    folder,
    decisions,
    start,
    async run(argv, decide, policy, more) {
      const params = start(argv, policy, more);
      const end = decide && client.decideExecs(params.processId, decide);
      const { exitCode, stdout, stderr, events } = await collect(await client.start(params));
      end?.();
      const decided = decisions.filter(({ processId }) => processId === params.processId);
      return {
        exitCode,
        out: textOf(stdout),
        err: textOf(stderr),
        pty: textOf(bytesOf(events, "pty")),
        decided: decided.map(({ decision, source, argv }) => `${decision} ${source} ${argv.join(" ")}`),
      };
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const allow: ExecAnswer = { type: "allow" };
const deny = (reason?: string): ExecAnswer => ({ type: "deny", reason });
const all: Policy["rules"] = [{ argv: [], decision: "allow" }];
const nameOf = ({ path }: ExecQuestion) => path.slice(path.lastIndexOf("/") + 1);

Deno.test("what no rule says is asked about, what one says is not, and everything that was decided is told", async () => {
  await using fixture = await open();
  const asked: ExecQuestion[] = [];
  const { out, err, exitCode, decided } = await fixture.run(
    [
      "sh",
      "-c",
      "/bin/echo one; rm -f x; echo $?; /bin/ls -d /; touch two | cat; exec env -i /bin/echo three",
    ],
    (question) => {
      asked.push(question);
      return nameOf(question) === "touch" ? deny("not here") : allow;
    },
    {
      rules: [
        { argv: ["/usr/bin/rm", "-f"], decision: "deny" },
        { argv: ["ls", "-l"], decision: "deny" },
        { argv: ["ls"], decision: "ask" },
        { argv: ["sh"], decision: "allow" },
      ],
    },
  );
  assert.equal(out, "one\n126\n/\nthree\n");
  assert.equal(exitCode, 0);
  assert.match(err, /rm: .*not permitted.*\n.*touch: .*not permitted/is);
  assert.deepEqual(asked.map(({ argv }) => argv.join(" ")).toSorted(), [
    "/bin/echo one",
    "/bin/echo three",
    "/bin/ls -d /",
    "cat",
    "env -i /bin/echo three",
    "touch two",
  ]);
  const cat = asked.find(({ argv }) => argv[0] === "cat")!;
  assert.deepEqual({ ...cat, pid: 0 }, {
    pid: 0,
    path: "/usr/bin/cat",
    argv: ["cat"],
    cwd: fixture.folder.path,
  });
  assert.deepEqual(decided.toSorted(), [
    "allow client /bin/echo one",
    "allow client /bin/echo three",
    "allow client /bin/ls -d /",
    "allow client cat",
    "allow client env -i /bin/echo three",
    "allow rule sh -c /bin/echo one; rm -f x; echo $?; /bin/ls -d /; touch two | cat; exec env -i /bin/echo three",
    "deny client touch two",
    "deny rule rm -f x",
  ]);
  assert.equal(fixture.decisions.find(({ argv }) => argv[0] === "touch")!.reason, "not here");
});

Deno.test("a first program that is denied is a start that fails, and says why", async () => {
  await using fixture = await open();
  for (const tty of [false, true]) {
    await assert.rejects(fixture.run(["rm", "x"], () => deny("no removing"), {}, { tty }), {
      code: -32603,
      message: 'the exec policy denies "/usr/bin/rm", by the client: no removing',
    });
    await assert.rejects(
      fixture.run(["rm", "x"], undefined, { rules: [{ argv: ["rm"], decision: "deny" }] }, { tty }),
      {
        code: -32603,
        message: 'the exec policy denies "/usr/bin/rm", by a rule',
      },
    );
  }
  // Nobody answers that knows the process.
  await assert.rejects(fixture.run(["true"]), { message: /since nobody decided in time$/ });
  assert.equal((await fixture.run(["true"], undefined, { otherwise: "allow" })).exitCode, 0);
  const answers = { type: "perhaps" } as unknown as ExecAnswer;
  await assert.rejects(fixture.run(["true"], () => answers), { message: /since nobody decided in time$/ });
});

Deno.test("every way to run something is heard of: shells, vfork, make, setsid, xargs", async () => {
  await using fixture = await open();
  await fixture.folder.write("Makefile", "all: $(addprefix t,$(shell seq 20))\nt%:\n\t@/bin/true $@\n");
  const python = "import subprocess as s\nprint(s.call(['/bin/true']))\n" +
    "try: s.call(['/bin/rm', 'q'])\nexcept PermissionError as error: print('refused')";
  const ways: [argv: string[], count: number][] = [
    [["bash", "--norc", "-c", "(exec /bin/true); x=$(/bin/true); setsid -w /bin/true"], 5],
    ...await hasProgram("zsh")
      ? [[["zsh", "-f", "-c", "/bin/true; (/bin/true)"], 3] as [string[], number]]
      : [],
    [["sh", "-c", 'sh -c "sh -c /bin/true; :"; :'], 4],
    [["sh", "-c", "seq 5 | xargs -n 1 -P 5 /bin/true"], 8],
    [["make", "-s", "-j8"], 22],
    [["python3", "-c", python], 3],
  ];
  for (const [argv, count] of ways) {
    const { exitCode, out, err, decided } = await fixture.run(argv, undefined, {
      rules: [{ argv: ["/bin/rm"], decision: "deny" }, ...all],
    });
    assert.equal(exitCode, 0, err);
    if (argv[0] === "python3") assert.equal(out, "0\nrefused\n");
    assert.equal(decided.length, count, decided.join("\n"));
  }
});

/** Whether this machine has a program. */
async function hasProgram(name: string): Promise<boolean> {
  return await Deno.stat(`/usr/bin/${name}`).then(() => true, () => false);
}

Deno.test("what runs elsewhere has the descriptors of who wanted it, and gives its end back", async () => {
  await using fixture = await open();
  const elsewhere: ExecAnswer = { type: "elsewhere" };
  const decide = (question: ExecQuestion): ExecAnswer => {
    const [program] = question.argv;
    if (program === "with") return { ...elsewhere, env: { TOLD: "with the decision" } };
    return question.argv.includes("ELSE") ? elsewhere : allow;
  };
  const script = `
    echo "a line" | sh -c 'read x; echo "read $x, told $TOLD"; exit 42' ELSE; echo $?
    TOLD=nothing bash -c 'echo "told $TOLD"; echo bad >&2' ELSE 2>&1
    (exec -a with bash -c 'echo "told $TOLD"')
    sh -c 'kill -TERM $$' ELSE; echo $?
    python3 -c 'import subprocess as s; print(s.call(["sh", "-c", "exit 7", "ELSE"]), s.call(["sh", "-c", "kill -9 $$", "ELSE"]))
p = s.Popen(["sh", "-c", "echo out; exit 3", "ELSE"], stdout=s.PIPE); print(p.communicate()[0], p.returncode)'
    exec sh -c 'exit 9' ELSE`;
  const { out, exitCode, decided } = await fixture.run(["bash", "-c", script], decide);
  assert.equal(
    out,
    "read a line, told at the start\n42\ntold at the start\nbad\ntold with the decision\n143\n7 -9\nb'out\\n' 3\n",
  );
  assert.equal(exitCode, 9);
  assert.equal(decided.filter((text) => text.startsWith("elsewhere client")).length, 8);
  const ofItself = await fixture.run(["sh", "-c", "echo here; exit 5", "ELSE"], decide);
  assert.deepEqual([ofItself.out, ofItself.exitCode], ["here\n", 5]);
  const none = await fixture.run(["sh", "-c", "/nowhere ELSE; echo $?"], decide);
  assert.match(none.out, /^127\n$/);
});

Deno.test("what runs elsewhere has the terminal of who wanted it, and ends with it", async () => {
  await using fixture = await open();
  const decide = (question: ExecQuestion): ExecAnswer =>
    question.argv.includes("ELSE") ? { type: "elsewhere" } : allow;
  const params = fixture.start(
    ["sh", "-c", "sh -c 'tty; read x; echo got $x' ELSE; sh -c 'echo $$; exec sleep 1000' ELSE"],
    {},
    { tty: true },
  );
  fixture.client.decideExecs(params.processId, decide);
  const process = await fixture.client.start(params);
  const type = (text: string) =>
    fixture.client.call("process/write", { processId: process.id, chunk: btoa(text), writeId: text });
  const events = process.events()[Symbol.asyncIterator]();
  let shown = "";
  const see = async (pattern: RegExp) => {
    while (!pattern.test(shown)) shown += textOf((await nextEvent(events, "output")).bytes);
    return pattern.exec(shown)!;
  };
  await see(/\/dev\/pts\/\d+/);
  await type("typed\n");
  await see(/got typed/);
  const pid = Number((await see(/got typed\s+(\d+)\r\n/))[1]);
  assert.equal(isAlive(pid), true);
  await type("\x03");
  await nextEvent(events, "closed");
  await until("it has ended", () => !isAlive(pid));
});

Deno.test("a sandbox and an exec policy go together, and what runs elsewhere has another sandbox or none", async () => {
  if (!canConfine) return;
  await using fixture = await open();
  const { path } = fixture.folder;
  const sandbox = restricted([rootRead]);
  const decide = (question: ExecQuestion): ExecAnswer => {
    if (question.argv.includes("NONE")) return { type: "elsewhere" };
    if (question.argv.includes("OTHER")) {
      return { type: "elsewhere", sandbox: restricted([rootRead, entry("write", path)]) };
    }
    return nameOf(question) === "rm" ? deny() : allow;
  };
  const write = (name: string, mark: string) =>
    `sh -c 'echo x > ${path}/${name} && echo ${name}; exit 4' ${mark}; echo $?`;
  for (const tty of [false, true]) {
    const script = [write("here", "HERE"), write("free", "NONE"), write("confined", "OTHER"), "rm x; echo $?"]
      .join("; ");
    const { out, pty, exitCode } = await fixture.run(["sh", "-c", script], decide, {}, { sandbox, tty });
    const said = (tty ? pty.replaceAll("\r", "") : out).split("\n").filter((line) => !line.includes(":"));
    assert.deepEqual(said, ["4", "free", "4", "confined", "4", "126", ""]);
    assert.equal(exitCode, 0);
  }
  await assert.rejects(fixture.run(["rm", "x"], decide, {}, { sandbox }), {
    message: /denies "\/usr\/bin\/rm"/,
  });
});

Deno.test("who is not answered waits alone, is not asked about any more when it is killed, and a lost client denies", async () => {
  await using fixture = await open();
  const asked = Promise.withResolvers<ExecQuestion>();
  const never = new Promise<ExecAnswer>(() => {});
  const stuck = fixture.start(["sh", "-c", "sleep 1000 & echo before; /bin/echo after; wait"], {
    rules: [{ argv: ["sleep"], decision: "ask" }, ...all],
  });
  fixture.client.decideExecs(stuck.processId, (question) => {
    asked.resolve(question);
    return never;
  });
  const process = await fixture.client.start(stuck);
  const { pid } = await asked.promise;
  assert.equal((await fixture.run(["sh", "-c", "/bin/echo others"], () => allow)).out, "others\n");
  const events = process.events()[Symbol.asyncIterator]();
  let said = "";
  while (!said.includes("after")) said += textOf((await nextEvent(events, "output")).bytes);
  await fixture.client.call("process/terminate", { processId: process.id });
  await nextEvent(events, "closed");
  assert.equal(isAlive(pid), false);

  // The client is gone while it is asked, and the program with it that it has not allowed.
  const other = await openClient(fixture.server.url);
  const wanted = Promise.withResolvers<void>();
  const marks = `${fixture.folder.path}/marks`;
  const lost = fixture.start(["sh", "-c", `touch x; echo $? > ${marks}`], {
    rules: [{ argv: ["sh"], decision: "allow" }],
  });
  other.decideExecs(lost.processId, () => {
    wanted.resolve();
    return never;
  });
  await other.start(lost);
  await wanted.promise;
  other.close();
  await until("it was denied", () => existsSync(marks) && readFileSync(marks, "utf8") === "126\n");
});

Deno.test("hundreds of programs, and a hundred processes under a policy at once", async () => {
  await using fixture = await open();
  const loop = (count: number) => `i=0; while [ $i -lt ${count} ]; do /bin/true; i=$((i+1)); done`;
  const { exitCode, decided } = await fixture.run(["sh", "-c", loop(200)], undefined, { rules: all });
  assert.deepEqual([exitCode, decided.length], [0, 201]);
  const many = await Promise.all(
    Array.from({ length: 100 }, () => fixture.run(["sh", "-c", loop(1)], () => allow)),
  );
  assert.deepEqual(many.map(({ decided }) => decided.length), Array(100).fill(2));
  // Nothing of them is left open in the server.
  const openThere = () => readdirSync(`/proc/${fixture.server.pid}/fd`).length;
  const before = openThere();
  for (let round = 0; round < 3; round++) await fixture.run(["true"], () => allow);
  await until("all is closed", () => openThere() <= before);
});
