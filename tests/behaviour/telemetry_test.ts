/** What leaves a server by OTLP. */
import assert from "node:assert/strict";
import { collect, openClient, startParams, textOf } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { OtlpSink } from "../support/otlp_sink.ts";
import { until } from "../support/proc.ts";
import { type ServerOptions, startServer } from "../support/server_process.ts";
import { Wire } from "../support/wire.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const trace = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "vendor=1" };

function startTold(env: Record<string, string>, options: ServerOptions = {}) {
  return startServer({ ...options, env: { ...Deno.env.toObject(), ...env } });
}

Deno.test("calls and processes are spans of the client's trace, metrics are those of /metrics, and no secret is told", async () => {
  await using sink = await OtlpSink.open();
  const told = { OTEL_SERVICE_NAME: "build", OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test" };
  const args = ["--trace-children", "--metrics", "here"];
  const server = await startTold({ ...sink.env, ...told }, { args });
  try {
    using wire = await Wire.open(server.url);
    await wire.request("initialize", { clientName: "s3cret-client", trace });
    await wire.send({ method: "initialized", params: {} });
    const start = startParams("s3cret-id", ["sh", "-c", "echo $TRACEPARENT $TRACESTATE; : s3cret-arg"], {
      env: { PATH: "/usr/bin:/bin", S3CRET: "s3cret-value" },
    });
    await wire.request("process/start", start);
    const output = await wire.next(({ method }) => method === "process/output");
    const [traceparent, tracestate] = atob(output.params.chunk).trim().split(" ");
    await wire.next(({ method }) => method === "process/closed");
    await assert.rejects(
      wire.request("process/start", { ...start, processId: "no", argv: ["/s3cret/path"] }),
    );
    await assert.rejects(wire.request("fs/readFile", { path: "file:///s3cret/path" }));
    const find = (name: string) => sink.spans.filter((span) => span.name === name);
    await until("the spans are told", () => find("process").length > 0 && find("fs/readFile").length > 0);

    const [started, refused] = find("process/start");
    const [ofProcess, more] = find("process");
    assert.equal(more, undefined);
    for (const { traceId: id, name } of sink.spans) assert.equal(id, traceId, name);
    assert.equal(find("initialize")[0]!.parentSpanId, "b7ad6b7169203331");
    assert.equal(started!.parentSpanId, "b7ad6b7169203331");
    assert.deepEqual([started!.kind, started!.attributes], [
      2,
      { "rpc.system": "jsonrpc", "rpc.method": "process/start" },
    ]);
    assert.equal(refused!.attributes["rpc.jsonrpc.error_code"], -32603);
    assert.equal(ofProcess!.parentSpanId, started!.spanId);
    assert.deepEqual(ofProcess!.attributes, { "exec_server.process.result": "success" });
    assert.deepEqual([traceparent, tracestate], [`00-${traceId}-${ofProcess!.spanId}-01`, "vendor=1"]);
    assert.equal(sink.resource["service.name"], "build");
    assert.equal(sink.resource["deployment.environment"], "test");

    await until("metrics are told", () => sink.metrics.size > 0);
    const text = await (await fetch(`${server.url.replace("ws:", "http:")}/metrics`)).text();
    const scraped = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    assert.deepEqual([...sink.metrics.keys()].sort(), scraped.sort());
    // What still runs ends with the server, and is told before its end.
    await wire.request("process/start", { ...start, processId: "long", argv: ["sleep", "600"] });
    await server.stop();
    assert.deepEqual(find("process").map(({ attributes }) => attributes["exec_server.process.result"]), [
      "success",
      "signal",
    ]);
    for (const body of sink.bodies) assert.doesNotMatch(body, /s3cret/i);
  } finally {
    await server.stop();
  }
});

Deno.test("nothing waits for who takes it, down or stuck, and what comes later is told", async () => {
  const first = await OtlpSink.open();
  const { port, env } = first;
  await first[Symbol.asyncDispose]();
  const server = await startTold(env);
  await using client = await openClient(server.url);
  const echo = async (id: string) =>
    textOf((await collect(await client.start(startParams(id, ["echo", id])))).stdout);
  assert.equal(await echo("down"), "down\n");
  await until("it is told that nobody takes it", () => /telemetry not taken/.test(server.stderr()));
  await using sink = await OtlpSink.open(port);
  sink.isStuck = true;
  assert.equal(await echo("stuck"), "stuck\n");
  sink.isStuck = false;
  await until("it is taken again", () => /telemetry taken again/.test(server.stderr()));
  assert.equal(await echo("back"), "back\n");
  await until("spans come", () => sink.spans.some(({ name }) => name === "process"));
  sink.isStuck = true;
  assert.equal((await server.stop()).code, 0);
});

Deno.test("nothing is told, and no child hears of a trace, unless it was asked for", async () => {
  await using sink = await OtlpSink.open();
  for (const env of [{ ...sink.env, OTEL_SDK_DISABLED: "true" }, sink.env]) {
    await using server = await startTold(env);
    await using client = await openClient(server.url);
    const params = startParams("a", ["sh", "-c", "echo [$TRACEPARENT]"], { trace });
    assert.equal(textOf((await collect(await client.start(params))).stdout), "[]\n");
    await server.stop();
    assert.equal(sink.spans.length > 0, !("OTEL_SDK_DISABLED" in env));
  }
  const { code, stderr } = await runCommand(["serve", "--trace-children"]);
  assert.equal(code, 2);
  assert.match(stderr, /--trace-children needs traces: .*OTEL_EXPORTER_OTLP_ENDPOINT/);
});
