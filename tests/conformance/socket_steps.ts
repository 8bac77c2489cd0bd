/** The steps that act on a WebSocket connection. */
import { bearerToken } from "./bearer_token.ts";
import { Opcode } from "./frame.ts";
import { shorten } from "./pattern.ts";
import type { ReceivedMessage } from "./raw_web_socket.ts";
import { type Scene, usualWait } from "./scene.ts";
import { expandText, expandValue } from "./variables.ts";
import type {
  ExpectClosedStep,
  ExpectFrameStep,
  ExpectNoneStep,
  ExpectStep,
  OpenStep,
  SendRawStep,
  SendStep,
} from "./vector.ts";

/** Opens a connection and, unless it is refused on purpose, shakes hands. */
export async function open(step: OpenStep, scene: Scene): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(step.headers ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? expandText(value, scene.variables) : bearerToken(value),
    ]),
  );
  const connection = await scene.connect(step.open, { path: step.path, headers });
  const { status = 101 } = step;
  if (connection.status !== status) throw new Error(`expected HTTP ${status}, got ${connection.status}`);
  const mismatch = step.body === undefined ? undefined : scene.mismatch(step.body, connection.body);
  if (mismatch !== undefined) throw new Error(`body ${mismatch}`);
  if (status !== 101 || step.initialize === false) return;
  const params = expandValue(step.initialize ?? { clientName: "conformance" }, scene.variables);
  await connection.sendText(JSON.stringify({ id: "init", method: "initialize", params }));
  const result = { sessionId: `$save:${step.open}Session`, environmentInfo: "$optional" };
  await takeMessage({ expect: { id: "init", result }, on: step.open }, scene);
  await connection.sendText(JSON.stringify({ method: "initialized", params: {} }));
}

export async function send(step: SendStep, scene: Scene): Promise<void> {
  await scene.connection(step.on).sendText(JSON.stringify(expandValue(step.send, scene.variables)));
}

export async function sendRaw(step: SendRawStep, scene: Scene): Promise<void> {
  const { opcode, mask, rsv } = step;
  const bytes = rawBytes(step, scene);
  const size = step.split ?? Math.max(bytes.length, 1);
  const frames = [];
  for (let start = 0; start === 0 || start < bytes.length; start += size) {
    frames.push({
      payload: bytes.subarray(start, start + size),
      opcode: start === 0 ? opcode : Opcode.continuation,
      final: start + size >= bytes.length,
      mask,
      rsv,
    });
  }
  await scene.connection(step.on).sendFrames(frames);
}

function rawBytes({ sendRaw, base64, pad = "x", repeat = 0 }: SendRawStep, scene: Scene): Uint8Array {
  if (base64) return Uint8Array.fromBase64(sendRaw);
  const text = expandText(sendRaw, scene.variables).replace("%PAD%", () => pad.repeat(repeat));
  return new TextEncoder().encode(text);
}

export async function expectMessage(step: ExpectStep, scene: Scene): Promise<void> {
  const message = await takeMessage(step, scene);
  if (!step.elapsed) return;
  const { gte = 0, lte = Infinity } = step.elapsed;
  const elapsed = Math.round(message.at - scene.connection(step.on).lastSend);
  if (elapsed < gte || elapsed > lte) {
    throw new Error(`expected after ${gte} to ${lte} ms, got it after ${elapsed}`);
  }
}

export async function expectNone(step: ExpectNoneStep, scene: Scene): Promise<void> {
  const connection = scene.connection(step.on);
  const found = await connection.until(
    () => connection.messages.find(({ value }) => scene.mismatch(step.expectNone, value) === undefined),
    step.within ?? 300,
  );
  if (found) throw new Error(`expected no such message, got ${shorten(found.value)}`);
}

export async function expectClosed(step: ExpectClosedStep, scene: Scene): Promise<void> {
  const connection = scene.connection(step.on);
  const closed = await connection.until(() => connection.closed || undefined, step.within ?? usualWait);
  if (!closed) throw new Error("expected the server to close the connection, it is still open");
}

export async function expectFrame(step: ExpectFrameStep, scene: Scene): Promise<void> {
  const { op, text } = step.expectFrame;
  const connection = scene.connection(step.on);
  const found = await connection.until(
    () =>
      connection.controlFrames.find((frame) =>
        frame.op === op && (text === undefined || frame.text === text)
      ),
    step.within ?? usualWait,
  );
  if (!found) throw new Error(`expected the control frame, got ${shorten(connection.controlFrames)}`);
}

/** Waits for the message a step expects and takes it out of the connection's messages. */
async function takeMessage(step: ExpectStep, scene: Scene): Promise<ReceivedMessage> {
  const connection = scene.connection(step.on);
  const { messages } = connection;
  const found = await connection.until(() => {
    for (const [index, { value }] of messages.entries()) {
      const mismatch = scene.mismatch(step.expect, value);
      if (mismatch === undefined) return messages.splice(index, 1)[0];
      // A request has one answer, so there is no use in waiting for a better one.
      if (step.strict || isAnswer(value, step.expect)) throw new Error(mismatch);
    }
    if (connection.closed) {
      throw new Error(`the server closed the connection; ${nearest(step, scene, messages)}`);
    }
  }, step.within ?? usualWait);
  if (!found) throw new Error(`expected a message that did not come; ${nearest(step, scene, messages)}`);
  return found;
}

interface Envelope {
  id?: unknown;
  method?: unknown;
}

/** Whether a message answers the request that the expected one would answer. */
function isAnswer(value: unknown, expected: unknown): boolean {
  const { id, method } = value as Envelope;
  return id !== undefined && method === undefined && id === (expected as Envelope).id;
}

/** What is wrong with the message that was probably meant: one of the same method, else the first. */
function nearest(step: ExpectStep, scene: Scene, messages: ReceivedMessage[]): string {
  const { method } = step.expect as Envelope;
  const alike = messages.find(({ value }) => (value as Envelope).method === method);
  const message = alike ?? messages[0];
  return message ? `the nearest: ${scene.mismatch(step.expect, message.value)}` : "no other message came";
}
