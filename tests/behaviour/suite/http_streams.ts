import { deepStrictEqual, rejects, strictEqual as is } from "node:assert/strict";
import { textOf } from "../../support/client.ts";
import { fails, pattern, sameBytes, wholeOf } from "../../support/expect.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** Answers that are read part by part. */
export const httpStreamBehaviours: MachineBehaviours = {
  "a streamed answer has its head before its body": async ({ machine: { http }, peer }) => {
    let write = (_text: string) => {};
    let end = () => {};
    const url = peer.page((_, response) => {
      response.writeHead(202, { "x-a": "1" }).flushHeaders();
      write = (text) => void response.write(text);
      end = () => void response.end();
    });
    const { status, headers, body } = await http.stream({ url });
    deepStrictEqual([status, headers.find(({ name }) => name === "x-a")?.value], [202, "1"]);
    const reader = body.getReader();
    for (const text of ["first", "second"]) {
      write(text);
      is(textOf((await reader.read()).value!), text);
    }
    end();
    is((await reader.read()).done, true);
  },
  "a streamed body comes byte for byte": async ({ machine: { http }, peer }) => {
    const bytes = pattern(10_000_003);
    const url = peer.page((_, response) => void response.end(bytes));
    sameBytes(await wholeOf((await http.stream({ url })).body), bytes);
  },
  "an empty body is streamed as no bytes": async ({ machine: { http }, peer }) => {
    const url = peer.page((_, response) => void response.writeHead(204).end());
    is((await wholeOf((await http.stream({ url })).body)).length, 0);
  },
  "a reader that takes its time loses nothing": async ({ machine: { http, fileSystem }, peer, folder }) => {
    const bytes = pattern(8_000_000);
    const url = peer.page((_, response) => void response.end(bytes));
    const { body } = await http.stream({ url });
    await fileSystem.writeFile(`${folder}/meanwhile`, "x");
    sameBytes(await wholeOf(body), bytes);
  },
  "several bodies are streamed beside each other": async ({ machine: { http }, peer }) => {
    const urls = [1, 2, 3].map((n) => peer.page((_, response) => void response.end(pattern(n * 500_000))));
    const answers = await Promise.all(urls.map((url) => http.stream({ url })));
    const bodies = await Promise.all(answers.map(({ body }) => wholeOf(body)));
    bodies.forEach((body, at) => sameBytes(body, pattern((at + 1) * 500_000)));
  },
  "a streamed body that breaks off fails after what came": async ({ machine: { http }, peer }) => {
    let destroy = () => {};
    const url = peer.page((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only this");
      destroy = () => void response.destroy();
    });
    const reader = (await http.stream({ url })).body.getReader();
    is(textOf((await reader.read()).value!), "only this");
    destroy();
    await fails(reader.read(), -32603, /body/);
  },
  "a streamed body that takes too long fails": async ({ machine: { http }, peer }) => {
    const url = peer.page((_, response) => void response.writeHead(200).write("begin"));
    const { body } = await http.stream({ url, timeoutMs: 300 });
    await fails(wholeOf(body), -32603);
  },
  "a body that is given up leaves everything else working": async ({ machine: { http }, peer }) => {
    const large = peer.page((_, response) => void response.end(pattern(4_000_000)));
    const small = peer.page((_, response) => void response.end("small"));
    for (let round = 0; round < 3; round++) {
      const { body } = await http.stream({ url: large });
      const reader = body.getReader();
      await reader.read();
      await reader.cancel();
    }
    is(textOf(await wholeOf((await http.stream({ url: small })).body)), "small");
  },
  "an abort ends a body with its reason": async ({ machine: { http }, peer }) => {
    const controller = new AbortController();
    let end = () => {};
    const url = peer.page((_, response) => {
      response.writeHead(200).write("begin");
      end = () => void response.end();
    });
    const reader = (await http.stream({ url, signal: controller.signal })).body.getReader();
    is(textOf((await reader.read()).value!), "begin");
    controller.abort(new Error("enough"));
    await rejects(reader.read(), /^Error: enough$/);
    end();
  },
  "a request for a stream fails as any other": async ({ machine: { http } }) => {
    await fails(http.stream({ url: "http://127.0.0.1:1/" }), -32603);
    await fails(http.stream({ url: "nonsense" }), -32602);
  },
};
