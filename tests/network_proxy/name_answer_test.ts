import assert from "node:assert/strict";
import { NETWORK_STAND_IN_NAMES } from "../../src/limits.ts";
import { nameAnswer } from "../../src/network_proxy/name_answer.ts";
import { standInAddress, StandInNames } from "../../src/network_proxy/stand_in_names.ts";

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
const hex = (answer: Uint8Array | undefined) =>
  answer && [...answer].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const head = "123401000001000000000000";
const name = (...labels: string[]) =>
  labels.map((label) => label.length.toString(16).padStart(2, "0") + hex(new TextEncoder().encode(label)))
    .join("") +
  "00";

Deno.test("names are answered as by the reference server", () => {
  const names = new StandInNames();
  const ask = (question: string) => hex(nameAnswer(bytes(head + question), names));
  const foo = name("foo", "test");
  assert.equal(
    ask(`${foo}00010001`),
    "12348180000100010000000003666f6f04746573740000010001c00c000100010000003c0004c6120001",
  );
  assert.equal(
    ask(`${foo}001c0001`),
    "12348180000100010000000003666f6f047465737400001c0001c00c001c00010000003c0010fdc0de00000000000000000000000001",
  );
  // What comes behind the question is left out; the name is told as it was asked for.
  assert.match(
    ask(`${name("FOO", "Test")}000100010000291000000000000000`)!,
    /03464f4f04546573740000010001c00c.*c6120001$/,
  );
  assert.match(ask(`${name("bar")}00010001`)!, /c6120002$/);
  for (
    const none of [
      `${foo}000f0001`,
      `${foo}00ff0001`,
      `${foo}00010003`,
      "0000010001",
      `${name("a b")}00010001`,
    ]
  ) {
    assert.equal(ask(none), `123481800001000000000000${none}`);
  }
  // A dot within a label is none between labels.
  assert.match(ask(`${name("foo.test")}00010001`)!, /^12348180000100000000/);
});

Deno.test("what is no question is not answered", () => {
  const names = new StandInNames();
  const foo = `${name("foo")}00010001`;
  for (
    const message of [
      "",
      "010203",
      head,
      `${head}03666f`,
      `${head}c00c00010001`,
      `${head}${name("foo")}0001`,
      `123481000001000000000000${foo}`,
      `123401000002000000000000${foo}${foo}`,
      `123401000000000000000000${foo}`,
    ]
  ) assert.equal(nameAnswer(message === "" ? new Uint8Array() : bytes(message), names), undefined, message);
});

Deno.test("an address stands for its name, and for nothing once very many others came", () => {
  const names = new StandInNames();
  assert.equal(names.numberOf("first.test"), 1);
  assert.equal(names.nameOf("198.18.0.1"), "first.test");
  assert.equal(names.nameOf("fdc0:de00::1"), "first.test");
  for (
    const stranger of ["198.18.0.0", "198.19.255.255", "fdc0:de00::", "fdc0:de00:1::1", "fdc0:de00::2:1"]
  ) {
    assert.equal(names.nameOf(stranger), null, stranger);
  }
  for (const other of ["198.17.0.1", "198.20.0.1", "93.184.216.34", "fdc1:de00::1", "::1"]) {
    assert.equal(names.nameOf(other), undefined, other);
  }
  for (let count = 1; count < NETWORK_STAND_IN_NAMES; count++) names.numberOf(`n${count}`);
  names.numberOf("first.test");
  names.numberOf("one more");
  assert.equal(names.nameOf("198.18.0.1"), "first.test");
  assert.equal(names.nameOf("198.18.0.2"), null);
  for (let count = 0; count < 2 ** 17; count++) names.numberOf(`m${count}`);
  assert.equal(names.numberOf("m131071"), names.numberOf("m131071"));
  assert.deepEqual([...standInAddress(0x1_0203, 4)], [198, 19, 2, 3]);
  assert.deepEqual([...standInAddress(0x1_0203, 6).subarray(12)], [0, 1, 2, 3]);
  assert.equal(names.nameOf("fdc0:de00::1:203"), names.nameOf("198.19.2.3"));
});
