import assert from "node:assert/strict";
import { commandReports, sessionId, transcript } from "./transcript.ts";

const answer = (status: string, output: string) =>
  `Chunk ID: 1a2b3c\nWall time: 0.2500 seconds\nProcess ${status}\nOriginal token count: 2\nOutput:\n${output}`;

/** A conversation in which a command answers twice, as it differs between two runs. */
function conversation(session: number, folder: string, first: string, second: string) {
  const text = [{ type: "input_text", text: `You are in ${folder}` }];
  return [
    { type: "message", id: `msg_${session}`, role: "user", content: text },
    { type: "function_call", call_id: "start", name: "exec_command", arguments: '{"cmd":"cat"}' },
    {
      type: "function_call_output",
      call_id: "start",
      output: answer(`running with session ID ${session}`, first),
    },
    {
      type: "function_call",
      call_id: "end",
      name: "write_stdin",
      arguments: `{"session_id":${session},"chars":""}`,
    },
    { type: "function_call_output", call_id: "end", output: answer("exited with code 3", second) },
    { type: "function_call", call_id: "patch", name: "exec_command", arguments: '{"cmd":"apply_patch"}' },
    {
      type: "function_call_output",
      call_id: "patch",
      output: `Wall time: 0.${session} seconds\nOutput:\nDone`,
    },
  ];
}

Deno.test("A command that answered several times has one report under each call", () => {
  const reports = commandReports(conversation(17, "/a", "one\n", "two\n"));
  assert.deepEqual(reports.get("end"), { output: "one\ntwo\n", exitCode: 3, tokens: [2, 2] });
  assert.equal(reports.get("start"), reports.get("end"));
  assert.equal(reports.get("patch"), undefined);
});

Deno.test("Transcripts differ by what was told, not by ids, times, folders and the pieces it came in", () => {
  const one = transcript(conversation(17, "/tmp/a", "one\n", "two\n"), { names: { folder: "/tmp/a" } });
  const other = transcript(conversation(2345, "/tmp/b", "", "one\ntwo\n"), { names: { folder: "/tmp/b" } });
  const wrong = transcript(conversation(17, "/tmp/a", "one\n", "tow\n"), { names: { folder: "/tmp/a" } });
  assert.deepEqual(one, other);
  assert.notDeepEqual(one, wrong);
});

Deno.test("The session of a command that has ended is refused", () => {
  assert.equal(sessionId(answer("running with session ID 42", "")), 42);
  assert.throws(() => sessionId(answer("exited with code 0", "")), /No command was left running/);
});
