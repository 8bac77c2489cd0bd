import { deepEqual, rejects, strictEqual as is } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { DescriptorRequest } from "../../../src/machine/descriptors_request.ts";
import { finish, startScript } from "../../support/backend_process.ts";
import { bytesOf, textOf } from "../../support/client.ts";
import type { Behaviours } from "../backend_suite.ts";

const three: readonly DescriptorRequest[] = [
  { fd: 3, kind: "output" },
  { fd: 4, kind: "input" },
  { fd: 5, kind: "duplex" },
];

async function textFrom(output: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of output) parts.push(bytes);
  return Buffer.concat(parts).toString();
}

/** Descriptors of a process beyond 2. */
export const descriptorBehaviours: Behaviours = {
  "descriptors are read and written as streams, each by itself": async (backend) => {
    const script = 'cat <&4 >&3; read x <&5; echo "$x, too" >&5; echo out';
    const process = await startScript(backend, script, { descriptors: three });
    const [output, input, both] = [3, 4, 5].map((fd) => process.descriptor(fd));
    deepEqual([output!.fd, output!.kind, both!.kind], [3, "output", "duplex"]);
    const read = [textFrom(output!), textFrom(both!.output())];
    is(await both!.write("both\n"), "accepted");
    is(await input!.write("in "), "accepted");
    is(await input!.write(new TextEncoder().encode("parts")), "accepted");
    is(await input!.close(), "accepted");
    is(await input!.write("too late"), "accepted");
    const { stdout, exitCode, events } = await finish(process);
    deepEqual(await Promise.all(read), ["in parts", "both, too\n"]);
    is(textOf(stdout), "out\n");
    is(textOf(bytesOf(events, "fd3")), "in parts");
    is(exitCode, 0);
  },
  "a duplex descriptor is read to its end by the process, which answers then": async (backend) => {
    const process = await startScript(backend, "sum=$(cat <&9 | wc -c); echo $sum >&9", {
      descriptors: [{ fd: 9, kind: "duplex" }],
      tty: true,
    });
    const both = process.descriptor(9);
    const answer = textFrom(both.output());
    await both.write(new Uint8Array(300_000));
    is(await both.close(), "accepted");
    is((await answer).trim(), "300000");
  },
  "a descriptor that is not there, or goes the other way, is refused": async (backend) => {
    await using process = await startScript(backend, "exec sleep 60", { descriptors: three });
    const refused = (call: () => unknown, message: RegExp) =>
      rejects(async () => void await call(), { name: "ServerError", code: "EREFUSED", message });
    await refused(() => process.descriptor(6), /was given no descriptor 6/);
    await refused(() => process.descriptor(1), /was given no descriptor 1/);
    await refused(() => process.descriptor(3).write("x"), /descriptor 3 .*only written to by it/);
    await refused(() => process.descriptor(3).close(), /only written to by it/);
    await refused(() => process.descriptor(4).output(), /descriptor 4 .*only read by it/);
  },
  "descriptors that mean nothing are refused by name": async (backend) => {
    const refused = (descriptors: unknown, message: RegExp) =>
      rejects(startScript(backend, "true", { descriptors: descriptors as DescriptorRequest[] }), {
        name: "TypeError",
        message,
      });
    await refused({ 3: "output" }, /must be an array, such as/);
    await refused([3], /as an object, not 3/);
    await refused([null], /as an object, not null/);
    await refused([{ fd: 3, type: "output" }], /no option "type"/);
    await refused([{ fd: 2, kind: "output" }], /from 3 to 63, not 2/);
    await refused([{ fd: "3", kind: "output" }], /from 3 to 63, not "3"/);
    await refused([{ fd: 3, kind: "in" }], /kind of 3 must be output, input or duplex, not "in"/);
    await refused([{ fd: 3, kind: "input" }, { fd: 3, kind: "input" }], /3 is there twice/);
    const many = Array.from({ length: 17 }, (_, index) => ({ fd: 10 + index, kind: "input" }));
    await refused(many, /at most 16 \(PROCESS_DESCRIPTORS\)/);
  },
  "a reader of a descriptor holds the process up, and leaving it lets go": async (backend) => {
    const process = await startScript(backend, "head -c 20000000 /dev/zero >&3; echo end", {
      descriptors: [{ fd: 3, kind: "output" }],
      lossless: false,
    });
    const output = process.descriptor(3).output();
    const first = await output.next();
    is(first.done, false);
    is(process.state.hasExited, false);
    await output.return!();
    await output.next().then(({ done }) => is(done, true));
    is((await process.wait()).exitCode, 0);
  },
};
