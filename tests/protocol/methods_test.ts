import assert from "node:assert/strict";
import {
  findMethod,
  methodCapabilities,
  type MethodDefinition,
  methods,
} from "../../src/protocol/methods.ts";

Deno.test("a method is found by its name, and by nothing that objects have by nature", () => {
  assert.equal(findMethod("process/start"), methods["process/start"]);
  for (const name of ["", "process/Start", "constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assert.equal(findMethod(name), undefined);
  }
});

Deno.test("every additive method announces a flag, and flags are true where the machine has all they need", () => {
  const flags = methodCapabilities({
    terminals: true,
    limits: true,
    descriptors: true,
    execDecisions: true,
    transparentTcp: true,
    confinedFiles: true,
    binaryMessages: true,
    console: true,
    ports: true,
  });
  assert.ok(Object.values(flags).every((flag) => flag === true));
  for (const { additive, capability } of Object.values(methods) as MethodDefinition[]) {
    if (additive) assert.equal(flags[capability ?? ""], true);
  }
  assert.equal(flags.processList, true);
});

Deno.test("a machine without terminals, limits or descriptors by path announces nothing that needs them", () => {
  const flags = methodCapabilities({
    terminals: false,
    limits: false,
    descriptors: false,
    execDecisions: false,
    transparentTcp: false,
    confinedFiles: false,
    binaryMessages: true,
    console: true,
    ports: true,
  });
  assert.deepEqual(
    Object.keys(flags).filter((name) => !flags[name]),
    [
      "capabilityDiscoverySandbox",
      "sandboxedFileStreaming",
      "processScreenAnswers",
      "processLimits",
      "processDescriptors",
      "execPolicy",
      "networkProxyTransparentTcp",
      "processResize",
      "processScreen",
    ],
  );
});
