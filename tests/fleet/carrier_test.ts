import { deepStrictEqual as same, ok, strictEqual as is } from "node:assert/strict";
import { Carrier } from "../../src/fleet/carrier.ts";
import { readFrame } from "../../src/fleet/frame.ts";
import { Grants } from "../../src/fleet/grants.ts";
import {
  FLEET_FRAME_BYTES,
  FLEET_FRAME_COST,
  FLEET_GRANT_BYTES,
  FLEET_WINDOW_LEAST_BYTES,
} from "../../src/limits.ts";

/** One end, what it told, and what it has published that was not delivered yet. */
interface End {
  readonly carrier: Carrier;
  readonly told: string[];
  readonly messages: Uint8Array[];
  readonly published: Uint8Array[];
  readonly grants: Grants;
}

function end(window: number, peerWindow: number, messageBytes = 1 << 20): End {
  const grants = new Grants();
  const published: Uint8Array[] = [];
  const told: string[] = [];
  const messages: Uint8Array[] = [];
  const carrier = new Carrier({
    line: { publish: (frame) => void published.push(frame) },
    grants,
    peerWindow,
    window,
    granted: grants.take(window, 0),
    messageBytes,
  });
  carrier.events = {
    onMessage: (bytes, binary) => {
      messages.push(bytes);
      if (binary) told.push("binary");
    },
    onPong: (payload) => void told.push(`pong ${payload}`),
    onDrain: () => void told.push("drain"),
    onClose: (reason) => void told.push(`closed: ${reason}`),
  };
  return { carrier, told, messages, published, grants };
}

function pair(window = 1_000): [End, End] {
  return [end(window, window), end(window, window)];
}

/** Delivers everything both ways until nothing is under way. */
function deliver(one: End, other: End): void {
  while (one.published.length + other.published.length > 0) {
    for (const frame of one.published.splice(0)) other.carrier.receive(frame);
    for (const frame of other.published.splice(0)) one.carrier.receive(frame);
  }
}

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i % 251);
const text = (message: Uint8Array): string => new TextDecoder().decode(message);
const encode = (message: string): Uint8Array => new TextEncoder().encode(message);

Deno.test("messages of every size arrive whole and in order, empty ones too", () => {
  const [one, other] = pair(300_000);
  const sizes = [0, 1, FLEET_FRAME_BYTES - 1, FLEET_FRAME_BYTES, FLEET_FRAME_BYTES + 1, 500_000, 0, 7];
  for (const size of sizes) one.carrier.send(bytes(size));
  deliver(one, other);
  same(other.messages.map(({ length }) => length), sizes);
  same(other.messages[5], bytes(500_000));
  is(one.carrier.queuedBytes, 0);
  same(other.told, []);
});

Deno.test("a binary message is told from a text", () => {
  const [one, other] = pair();
  one.carrier.send(encode("text"));
  one.carrier.send(encode("bytes"), true);
  deliver(one, other);
  same(other.told, ["binary"]);
});

Deno.test("no more is under way than the reader has granted, and the rest follows once it reads", () => {
  const [one, other] = pair();
  other.carrier.setReading(false);
  for (let i = 0; i < 100; i++) one.carrier.send(encode(`message ${i}`));
  deliver(one, other);
  same(other.messages.length, 0);
  ok(one.carrier.queuedBytes > 500);
  ok(one.carrier.queuedBytes < 1_000);
  other.carrier.setReading(true);
  deliver(one, other);
  same(other.messages.map(text), Array.from({ length: 100 }, (_, i) => `message ${i}`));
  ok(one.told.includes("drain"));
});

Deno.test("who sends more than was granted is cut off", () => {
  const one = end(1_000, 1_000_000);
  const other = end(1_000, 1_000);
  other.carrier.setReading(false);
  one.carrier.send(bytes(900));
  one.carrier.send(bytes(900));
  for (const frame of one.published) other.carrier.receive(frame);
  same(other.told, ["closed: more came than was granted"]);
});

Deno.test("a frame that is lost breaks the carrier, and the other end is told", () => {
  const [one, other] = pair();
  for (const message of ["a", "b", "c"]) one.carrier.send(encode(message));
  one.published.splice(1, 1);
  deliver(one, other);
  same(other.messages.map(text), ["a"]);
  same(other.told, ["closed: a frame was lost on the way"]);
  same(one.told, ["closed: a frame was lost on the way"]);
  one.carrier.send(encode("late"));
  same(one.published, []);
});

Deno.test("a message above the limit is not gathered", () => {
  const one = end(1_000_000, 1_000_000);
  const other = end(1_000_000, 1_000_000, 100_000);
  one.carrier.send(bytes(200_000));
  deliver(one, other);
  same(other.messages, []);
  same(other.told, ["closed: a message is too large"]);
});

Deno.test("an answered ping confirms what was sent before it, and nothing that was not read", () => {
  const [one, other] = pair();
  other.carrier.setReading(false);
  one.carrier.send(encode("before"));
  one.carrier.ping("1");
  deliver(one, other);
  same(one.told, []);
  other.carrier.setReading(true);
  deliver(one, other);
  same(one.told, ["pong 1"]);
  other.carrier.setConfirming(false);
  one.carrier.ping("2");
  one.carrier.ping("");
  deliver(one, other);
  same(one.told, ["pong 1", "pong ", "pong "]);
  other.carrier.setConfirming(true);
  deliver(one, other);
  same(one.told.at(-1), "pong 2");
});

Deno.test("frames that are none end it, whatever is in them", () => {
  const wrong = [[], [0], [9, 1], [1, 1, 0], [2, 0], [1, 0, 0, 0, 0, 7, 65]];
  for (const frame of wrong) {
    const { carrier, told } = end(1_000, 1_000);
    carrier.receive(Uint8Array.from(frame));
    is(told.length, 1, frame.join());
  }
});

Deno.test("many carriers together grant a bounded number of bytes, and each some", () => {
  const grants = new Grants();
  const window = 4 * 1024 * 1024;
  const held = Array.from({ length: 300 }, () => grants.take(window, 0));
  ok(held.every((bytes) => bytes >= FLEET_WINDOW_LEAST_BYTES));
  ok(grants.bytes <= FLEET_GRANT_BYTES + 300 * FLEET_WINDOW_LEAST_BYTES);
  for (const bytes of held) grants.give(bytes);
  is(grants.bytes, 0);
});

Deno.test("what was granted and never came is given back when it ends", () => {
  const [one, other] = pair(10_000);
  one.carrier.send(bytes(2_000));
  deliver(one, other);
  is(other.grants.bytes, 10_000 - 0 - (other.published.length === 0 ? 2_000 + FLEET_FRAME_COST : 0));
  other.carrier.close("done");
  is(other.grants.bytes, 0);
  same(readFrame(other.published.at(-1)!), { kind: "close", text: "done" });
});
