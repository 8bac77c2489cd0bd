/**
 * The operations behind the HTTP and environment methods, as a process of its own: JSON lines in, JSON lines out.
 * Run by Deno and by Bun, so that one suite proves that they behave the same on both.
 *
 * In: `{ id, method, params }`, or `{ ack: true }` which lets one more streamed piece go where `HOLD_DELTAS` is set.
 * Out: `{ id, result }`, `{ id, error }`, or a notification `{ method, params }`. The end of stdin is the connection's
 * end.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { discoverCapabilityRoots } from "../../src/codex/capability_roots.ts";
import { discoverCapabilities } from "../../src/codex/discover_capabilities.ts";
import { readEnvironmentConfig } from "../../src/codex/environment_config.ts";
import { type CodexHost, codexHost } from "../../src/codex/codex_host.ts";
import { MachineDisk } from "../../src/file_system/disk.ts";
import { thisHost } from "../../src/runtime/this_host.ts";
import { confinedCapabilityFiles } from "../../src/server/handlers/confined_capability_files.ts";
import { HttpStreams } from "../../src/server/http_streams.ts";
import { decodeParams } from "../../src/protocol/decode.ts";
import { isFault, rpcFailure } from "../../src/protocol/rpc_failure.ts";
import { discoverParams, discoverRootsParams } from "../../src/protocol/schemas/capability_discovery.ts";
import { environmentConfigParams } from "../../src/protocol/schemas/environment_config.ts";
import type { Sandbox } from "../../src/protocol/schemas/sandbox.ts";
import { httpRequestParams } from "../../src/protocol/schemas/http.ts";

/** This machine, with what a test says of it in `MACHINE`. */
const host: CodexHost = { ...codexHost(thisHost), ...JSON.parse(process.env["MACHINE"] ?? "{}") };

const held: (() => void)[] = [];
const hold = process.env["HOLD_DELTAS"] !== undefined;
const streams = new HttpStreams({
  environment: process.env,
  onDelta: async (params) => {
    send({ method: "http/request/bodyDelta", params });
    if (hold) await new Promise<void>((resolve) => held.push(resolve));
  },
});

const disk = new MachineDisk(thisHost);
const confine = (sandbox: Sandbox) =>
  confinedCapabilityFiles(sandbox, { disk, os: host.os, environment: {} });

const methods: Record<string, (params: unknown) => unknown> = {
  "http/request": async (params) => {
    const { result, streamBody } = await streams.request(decodeParams(httpRequestParams, params));
    return [result, streamBody];
  },
  "capabilities/discoverV2": async (params) => [
    await discoverCapabilities(decodeParams(discoverParams, params), host, { confine }),
  ],
  "capabilityRoots/discoverV1": async (params) => [
    await discoverCapabilityRoots(decodeParams(discoverRootsParams, params), host, { confine }),
  ],
  "environmentConfig/read": async (params) => [
    await readEnvironmentConfig(decodeParams(environmentConfigParams, params), host),
  ],
};

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.ack) held.shift()?.();
  else void answer(message);
}
streams[Symbol.dispose]();
send({ method: "disposed" });

async function answer(
  { id, method, params }: { id: number; method: string; params: unknown },
): Promise<void> {
  try {
    const [result, after] = await methods[method]!(params) as [unknown, (() => Promise<void>)?];
    send({ id, result });
    await after?.();
  } catch (error) {
    if (isFault(error)) throw error;
    const { code, message } = rpcFailure(error);
    send({ id, error: { code, message } });
  }
}

function send(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
