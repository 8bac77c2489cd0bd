import type { Terminal } from "@xterm/headless";
import { type Core, coreOf, type Param, paramsLike } from "./core.ts";

/** Codes that the emulator carries out as often as their number says, up to 2 billion times. */
const repeatedPerLine = ["I", "Z", "b"];
const repeatedPerScreen = ["L", "M", "S", "T"];

/** Lets the emulator follow escape codes that it misreads, or takes too long for. */
export function correct(terminal: Terminal): void {
  const core = coreOf(terminal);
  limitRepeats(terminal, core);
  readColors(core);
  clearAtColumnMode(core);
  // A full reset shows the cursor; this emulator forgets that.
  terminal.parser.registerEscHandler({ final: "c" }, () => {
    core.coreService.isCursorHidden = false;
    return false;
  });
}

/** More often than there are columns or rows makes no difference, but for the time it takes. */
function limitRepeats(terminal: Terminal, core: Core): void {
  const limit = (finals: readonly string[], dimension: "rows" | "cols") => {
    for (const final of finals) {
      core.registerCsiHandler({ final }, ({ params }) => {
        params[0] = Math.min(params[0]!, terminal[dimension]);
        return false;
      });
    }
  };
  limit(repeatedPerLine, "cols");
  limit(repeatedPerScreen, "rows");
}

/** Colours with colons: ITU T.416 has a colour space before red, green and blue, which most programs leave out. */
function readColors(core: Core): void {
  core.registerCsiHandler({ final: "m" }, (params) => {
    let colons = false;
    for (let i = 0; i < params.length; i++) colons ||= params.hasSubParams(i);
    if (!colons) return false;
    const given = params.toArray();
    if (!given.some(lacksColorSpace)) return false;
    const values = given.map((value, i) =>
      lacksColorSpace(value, i, given) ? [2, -1, ...value.slice(1)] : value
    );
    return core._inputHandler.charAttributes(paramsLike(params, values));
  });
}

function lacksColorSpace(value: Param, index: number, all: readonly Param[]): value is number[] {
  const before = all[index - 1];
  return (before === 38 || before === 48 || before === 58) && typeof value === "object" &&
    value.length === 4 &&
    value[0] === 2;
}

/** To change between 80 and 132 columns clears the screen, also where the width stays: the client's is the one. */
function clearAtColumnMode(core: Core): void {
  for (const final of ["h", "l"]) {
    core.registerCsiHandler({ prefix: "?", final }, (params) => {
      if (!params.params.subarray(0, params.length).includes(3)) return false;
      core._inputHandler.setScrollRegion(paramsLike(params, [0]));
      core._inputHandler.eraseInDisplay(paramsLike(params, [2]));
      core.buffer.x = core.buffer.y = 0;
      return false;
    });
  }
}
