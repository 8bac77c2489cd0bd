/** What a server tells of itself in numbers. */
import assert from "node:assert/strict";
import { Authority } from "../support/certificates.ts";
import { collect, openClient, startParams } from "../support/client.ts";
import { runCommand } from "../support/command.ts";
import { until } from "../support/proc.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { TempFolder } from "../support/temp_folder.ts";
import { Wire } from "../support/wire.ts";

/** A server that tells metrics at a place of its own, and what it tells just now. */
async function startMeasured(...args: string[]): Promise<ServerProcess & { scrape(): Promise<string> }> {
  const server = await startServer({ args: ["--metrics", "http://127.0.0.1:0", ...args] });
  await until("metrics are told", () => /metrics told/.test(server.stderr()));
  const [url] = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(server.stderr())!;
  return { ...server, scrape: async () => await (await fetch(url)).text() };
}

/** The value of a series. */
function value(text: string, series: string): number | undefined {
  const line = text.split("\n").find((line) => line.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Every series, without its value. */
function seriesOf(text: string): string[] {
  return text.split("\n").filter((line) => /^\w/.test(line)).map((line) => line.replace(/ \S+$/, ""));
}

Deno.test("the numbers are what a session did", async () => {
  await using server = await startMeasured();
  await using client = await openClient(server.url);
  await collect(await client.start(startParams("good", ["sh", "-c", "echo hello; echo oh >&2"])));
  await collect(await client.start(startParams("bad", ["sh", "-c", "exit 3"])));
  await collect(await client.start(startParams("killed", ["sh", "-c", "kill -9 $$"])));
  await assert.rejects(client.start(startParams("none", ["/no/such/program"])));
  const cat = await client.start(startParams("cat", ["cat"], { pipeStdin: true }));
  await client.call("process/write", { processId: "cat", chunk: btoa("12345"), writeId: "1" });
  const running = await server.scrape();
  assert.equal(value(running, "exec_server_processes_active"), 1);
  assert.equal(value(running, 'exec_server_connections_active{transport="websocket"}'), 1);
  await client.call("process/closeStdin", { processId: "cat" });
  await collect(cat);
  const text = await server.scrape();
  const expected: Record<string, number> = {
    'exec_server_connections_total{transport="websocket",result="accepted"}': 1,
    'exec_server_sessions_active{attached="true"}': 1,
    'exec_server_requests_total{method="initialize",result="ok"}': 1,
    'exec_server_requests_total{method="process/start",result="ok"}': 4,
    'exec_server_requests_total{method="process/start",result="refused"}': 1,
    'exec_server_request_duration_seconds_count{method="process/start",result="ok"}': 4,
    'exec_server_processes_finished_total{result="success"}': 2,
    'exec_server_processes_finished_total{result="failure"}': 1,
    'exec_server_processes_finished_total{result="signal"}': 1,
    'exec_server_process_duration_seconds_count{result="success"}': 2,
    'exec_server_output_bytes_total{stream="stdout"}': 11,
    'exec_server_output_bytes_total{stream="stderr"}': 3,
    "exec_server_input_bytes_total": 5,
    "exec_server_processes_active": 0,
    "exec_server_forwarded_connections_active": 0,
    'exec_server_forwarded_bytes_total{direction="in"}': 0,
    "exec_server_sessions_resumed_total": 0,
  };
  for (const [series, count] of Object.entries(expected)) assert.equal(value(text, series), count, series);
  assert.ok(value(text, "process_resident_memory_bytes")! > 1e6);
  assert.ok(value(text, "process_cpu_seconds_total")! > 0);
});

Deno.test("where it listens metrics are told to whoever may connect, and only where they were asked for", async () => {
  await using folder = new TempFolder();
  const [full, view] = ["f".repeat(64), "v".repeat(64)];
  const file = await folder.write("tokens", `${full} role=full\n${view} role=view\n`);
  const auth = ["--ws-auth", "capability-token", "--ws-token-file", file];
  await using server = await startServer({ args: ["--metrics", "here", ...auth] });
  const url = `${server.url.replace("ws:", "http:")}/metrics`;
  const status = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(url, { headers });
    return [answer.status, /^exec_server_access_refused_total/m.test(await answer.text())];
  };
  assert.deepEqual(await status(), [401, false]);
  assert.deepEqual(await status({ authorization: `Bearer ${"x".repeat(64)}` }), [401, false]);
  assert.deepEqual(await status({ authorization: `Bearer ${view}` }), [200, true]);
  const text = await (await fetch(url, { headers: { authorization: `Bearer ${full}` } })).text();
  assert.equal(value(text, 'exec_server_access_refused_total{reason="credential"}'), 2);
  await using silent = await startServer();
  const none = await fetch(`${silent.url.replace("ws:", "http:")}/metrics`);
  assert.deepEqual([none.status, await none.text()], [404, ""]);
  for (
    const [place, message] of [["http://0.0.0.0:0", /to the network/], [
      "there",
      /takes here, or http/,
    ]] as const
  ) {
    const { code, stderr } = await runCommand(["serve", "--metrics", place]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

Deno.test("whatever clients call things, there are no more series, and nothing of it is told", async () => {
  await using folder = new TempFolder();
  await using server = await startMeasured();
  const secret = "s3cret-of-a-client";
  const round = async (count: number) => {
    using wire = await Wire.open(server.url);
    await wire.initialize(undefined, `${secret}-client`);
    const unknown = Array.from(
      { length: count },
      (_, i) => wire.request(`${secret}/method${i}`, {}).catch(() => {}),
    );
    await Promise.all(unknown);
    for (let i = 0; i < Math.min(count, 20); i++) {
      const params = startParams(`${secret}-${i}`, ["sh", "-c", ": $0", `${secret}-argument`], {
        env: { PATH: "/usr/bin:/bin", SECRET: secret },
        cwd: `file://${folder.path}`,
      });
      await wire.request("process/start", params);
      await wire.next(({ method, params }) =>
        method === "process/closed" && params.processId === `${secret}-${i}`
      );
    }
  };
  await round(1);
  const before = seriesOf(await server.scrape());
  await round(10_000);
  const text = await server.scrape();
  assert.deepEqual(seriesOf(text), before);
  assert.equal(value(text, 'exec_server_requests_total{method="other",result="refused"}'), 10_001);
  assert.ok(!text.includes(secret) && !text.includes(folder.path));
});

const promtool = await new Deno.Command("promtool", { args: ["--version"] }).output().then(
  () => true,
  () => false,
);

/** What promtool says of a text. */
async function check(what: string[], text: string): Promise<string> {
  await using folder = new TempFolder();
  const path = await folder.write("text", text);
  const script = what[0] === "metrics"
    ? `promtool check metrics < ${path}`
    : `promtool check ${what.join(" ")} ${path}`;
  const { success, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(success, new TextDecoder().decode(stdout) + said);
  return said;
}

const page = (name: string) => Deno.readTextFileSync(new URL(`../../docs/${name}`, import.meta.url));

/** Every name of a metric in a text, without what a histogram's lines have behind it. */
function namesIn(text: string): string[] {
  const names = text.match(/\b(exec_server|process)_[a-z_]+\b/g) ?? [];
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))].sort();
}

Deno.test("the page, the dashboard and the alerts speak of what is told, and promtool finds nothing wrong", async () => {
  await using authority = await Authority.create();
  const { cert, key } = await authority.issue();
  await using server = await startMeasured(
    "--listen",
    "wss://127.0.0.1:0",
    "--tls-cert",
    cert,
    "--tls-key",
    key,
  );
  await using client = await openClient(server.url);
  await collect(await client.start(startParams("p", ["true"])));
  const text = await server.scrape();
  const told = namesIn(text.replace(/^[^#].*$/gm, ""));
  assert.deepEqual(namesIn(page("metrics.md")), told);
  const dashboard = JSON.parse(page("metrics/dashboard.json"));
  const expressions: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr.replaceAll("$__rate_interval", "5m"))
  );
  for (const names of [namesIn(expressions.join("\n")), namesIn(page("metrics/alerts.yaml"))]) {
    assert.deepEqual(names.filter((name) => !told.includes(name)), []);
  }
  if (!promtool) return;
  assert.equal(await check(["metrics"], text), "");
  await check(["rules"], page("metrics/alerts.yaml"));
  const rules = expressions.map((expr, i) => ({ record: `r${i}`, expr }));
  await check(["rules"], JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
});
