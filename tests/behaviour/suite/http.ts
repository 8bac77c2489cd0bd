import { deepStrictEqual, ok, rejects, strictEqual as is } from "node:assert/strict";
import { textOf } from "../../support/client.ts";
import { fails, pattern, sameBytes } from "../../support/expect.ts";
import { bodyOf, type HttpPeer } from "../../support/http_peer.ts";
import type { MachineBehaviours } from "../machine_suite.ts";

/** A page that gives back what it was sent. */
function echo(peer: HttpPeer): string {
  return peer.page(async (request, response) => void response.end(await bodyOf(request)));
}

/** Requests that are answered as a whole. */
export const httpBehaviours: MachineBehaviours = {
  "an answer has its status, its header lines and its body": async ({ machine: { http }, peer }) => {
    const lines = ["X-One: 1", "Set-Cookie: a=1", "X-Two: 2", "Set-Cookie: b=2", "Content-Length: 4"];
    const url = await peer.rawPage(["HTTP/1.1 201 Created", ...lines, "", "made"].join("\r\n"));
    const { status, headers, body } = await http.request({ url });
    is(status, 201);
    is(textOf(body), "made");
    const own = headers.filter(({ name }) => /^(x-|set-cookie)/.test(name));
    is(
      own.map(({ name, value }) => `${name}: ${value}`).join("; "),
      "x-one: 1; set-cookie: a=1; x-two: 2; set-cookie: b=2",
    );
  },
  "a request has the method, the path and the header lines it is given": async (
    { machine: { http }, peer },
  ) => {
    const seen: string[] = [];
    const url = peer.page(({ method, url, rawHeaders }, response) => {
      seen.push(`${method} ${url!.replace(/^\/\d+/, "")}`);
      for (let at = 0; at < rawHeaders.length; at += 2) {
        if (/^x-/i.test(rawHeaders[at]!)) {
          seen.push(`${rawHeaders[at]!.toLowerCase()}: ${rawHeaders[at + 1]}`);
        }
      }
      response.end();
    });
    const headers = ["b", "a", "b"].map((name, at) => ({ name: `x-${name}`, value: String(at) }));
    await http.request({ url: `${url}?q=a%20b`, method: "DELETE", headers });
    deepStrictEqual(seen, ["DELETE ?q=a%20b", "x-b: 0", "x-a: 1", "x-b: 2"]);
    seen.length = 0;
    await http.request({ url, headers: { "x-record": "1" } });
    deepStrictEqual(seen, ["GET ", "x-record: 1"]);
  },
  "a body of bytes arrives byte for byte": async ({ machine: { http }, peer }) => {
    const bytes = pattern(3_000_001);
    sameBytes((await http.request({ url: echo(peer), method: "POST", body: bytes })).body, bytes);
  },
  "a body of text is sent as UTF-8": async ({ machine: { http }, peer }) => {
    is(textOf((await http.request({ url: echo(peer), method: "POST", body: "grüße" })).body), "grüße");
  },
  "a body that comes in parts arrives whole": async ({ machine: { http }, peer }) => {
    async function* parts() {
      for (const text of ["one ", "", "two ", "three"]) yield new TextEncoder().encode(await text);
    }
    const url = echo(peer);
    is(textOf((await http.request({ url, method: "PUT", body: parts() })).body), "one two three");
    const stream = new Blob(["from a stream"]).stream();
    is(textOf((await http.request({ url, method: "PUT", body: stream })).body), "from a stream");
  },
  "a body that fails in the middle is not sent": async ({ machine: { http }, peer }) => {
    async function* parts() {
      yield await pattern(1);
      throw new Error("no more");
    }
    let asked = false;
    const url = peer.page((_, response) => {
      asked = true;
      response.end();
    });
    await rejects(http.request({ url, method: "PUT", body: parts() }), /no more/);
    is(asked, false);
  },
  "no status is an error": async ({ machine: { http }, peer }) => {
    const url = peer.page((_, response) => void response.writeHead(503).end("busy"));
    const { status, body } = await http.request({ url });
    deepStrictEqual([status, textOf(body)], [503, "busy"]);
  },
  "a redirect is followed unless that is refused": async ({ machine: { http }, peer }) => {
    const target = peer.page((_, response) => void response.end("here"));
    const url = peer.page((_, response) => void response.writeHead(302, { location: target }).end());
    is(textOf((await http.request({ url })).body), "here");
    is((await http.request({ url, redirect: "stop" })).status, 302);
  },
  "redirects without end are a failure": async ({ machine: { http }, peer }) => {
    const url: string = peer.page((_, response) => void response.writeHead(302, { location: url }).end());
    await fails(http.request({ url }), -32603);
  },
  "a peer that is not there is a failure": async ({ machine: { http } }) => {
    await fails(http.request({ url: "http://127.0.0.1:1/" }), -32603, /http\/request failed/);
  },
  "a peer that does not answer in time is a failure": async ({ machine: { http }, peer }) => {
    const url = peer.page(() => {});
    await fails(http.request({ url, timeoutMs: 100 }), -32603);
  },
  "a body that breaks off is a failure": async ({ machine: { http }, peer }) => {
    const url = peer.page((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("only this", () => response.destroy());
    });
    await fails(http.request({ url }), -32603, /body/);
  },
  "what cannot be sent is refused": async ({ machine: { http }, peer }) => {
    const url = echo(peer);
    await fails(http.request({ url: "/relative" }), -32602);
    await fails(http.request({ url: "ftp://127.0.0.1/" }), -32602, /ftp/);
    await fails(http.request({ url, method: "A B" }), -32602);
    await fails(http.request({ url, headers: { "a b": "1" } }), -32602);
    await fails(http.request({ url, headers: { a: "1\n2" } }), -32602);
    await fails(http.request({ url, timeoutMs: -1 }), -32602);
  },
  "a header's value may come from the machine's environment": async ({ machine: { http, info }, peer }) => {
    let seen: unknown;
    const url = peer.page(({ headers }, response) => {
      seen = headers["x-home"];
      response.end();
    });
    const name = "x-home";
    await http.request({ url, headers: [{ name, value: "at ", valueEnvVar: "HOME" }] });
    is(seen, `at ${info.homeDirectory}`);
    const missing = [{ name, value: "", valueEnvVar: "NO_SUCH_VARIABLE" }];
    await fails(http.request({ url, headers: missing }), -32602, /NO_SUCH_VARIABLE/);
  },
  "requests run beside each other": async ({ machine: { http }, peer }) => {
    let arrived = 0;
    let tell = () => {};
    const both = new Promise<void>((resolve) => tell = resolve);
    const url = peer.page(async (_, response) => {
      if (++arrived === 2) tell();
      await both;
      response.end("both");
    });
    const answers = await Promise.all([http.request({ url }), http.request({ url })]);
    ok(answers.every(({ body }) => textOf(body) === "both"));
  },
  "an abort ends the wait for an answer with its reason": async ({ machine: { http }, peer }) => {
    const controller = new AbortController();
    let resolve = () => {};
    const asked = new Promise<void>((told) => resolve = told);
    let end = () => {};
    const url = peer.page((_, response) => {
      end = () => void response.end();
      resolve();
    });
    const answer = http.request({ url, signal: controller.signal });
    await Promise.race([asked, answer]);
    controller.abort(new Error("enough"));
    await rejects(answer, /^Error: enough$/);
    end();
    await rejects(http.request({ url, signal: AbortSignal.abort(new Error("before")) }), /^Error: before$/);
  },
};
