/** Processes that several clients share, by the library. */
import { deepStrictEqual as same, ok, rejects, strictEqual as is } from "node:assert/strict";
import { Environment, type ExecProcess, KeyboardTakenError } from "../../mod.ts";
import { fails } from "../support/expect.ts";
import { startServer } from "../support/server_process.ts";

/** Reads on until the output ends with a text. */
async function until(process: ExecProcess, text: string, afterSeq?: number): Promise<number> {
  let seen = "";
  for await (const event of process.events(afterSeq === undefined ? {} : { afterSeq })) {
    if (event.kind === "output") seen += new TextDecoder().decode(event.bytes);
    if (event.kind === "failed") throw new Error(event.message);
    if (seen.endsWith(text)) return "seq" in event ? event.seq : 0;
  }
  throw new Error(`it ended with ${JSON.stringify(seen)}`);
}

Deno.test("a person looks on, takes the keyboard, and gives it back", async () => {
  await using server = await startServer();
  await using agent = await Environment.create(server.url, { clientName: "agent" });
  await using person = await Environment.create(server.url, { clientName: "person" });
  const own = await agent.exec.start({ argv: ["cat"], tty: true, name: "shell" });
  await own.write("one\n");
  await until(own, "one\r\none\r\n");
  const [listed] = await person.list();
  same([listed?.name, listed?.owner?.client], ["shell", "agent"]);

  await using looking = await person.attach("shell", { from: { screen: {} } });
  same([looking.role, looking.keyboard], ["view", "owner"]);
  ok(looking.picture?.format === "ansi" && /one/.test(looking.picture.text));
  await fails(looking.takeKeyboard(), -32600);

  await using typing = await person.attach(listed!.handle.slice(0, 8), { role: "control" });
  is(await typing.takeKeyboard({ note: "a moment" }), "you");
  await rejects(own.write("lost\n"), KeyboardTakenError);
  await typing.write("two\n");
  await until(looking, "two\r\ntwo\r\n");
  is(await typing.giveKeyboardBack(), "owner");
  is(await own.write("three\n"), "accepted");
  await until(typing, "three\r\nthree\r\n");
  const screen = await typing.screen();
  ok(screen.format === "text" && screen.lines.includes("three"));
  await typing.detach();
  await fails(person.attach("nothing of that name"), -32600, /no process has the name/);
});

Deno.test("a process of the server's lifetime outlives its machine, and is adopted by another", async () => {
  await using server = await startServer();
  {
    await using first = await Environment.create(server.url);
    const { exec } = first;
    await exec.start({
      argv: ["sh", "-c", "read x; echo got $x"],
      pipeStdin: true,
      name: "job",
      lifetime: "server",
    });
    await fails(exec.start({ argv: ["true"], name: "job" }), -32600, /runs already/);
  }
  await using second = await Environment.create(server.url);
  const job = await second.adopt("job");
  await job.write("it\n");
  await until(job, "got it\n");
});

Deno.test("a machine without a server shares nothing, and says so", async () => {
  await using local = await Environment.create();
  await fails(local.list(), -32601, /cannot be shared/);
  await fails(local.exec.start({ argv: ["true"], lifetime: "server" }), -32600, /only on a server/);
});
