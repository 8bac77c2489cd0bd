import type { Terminal } from "@xterm/headless";
import type { Attributes } from "./graphics.ts";

/**
 * What is used of the emulator beyond its public interface. The public `write` parses in a timer of its own, where an
 * exception would end the whole program; public handlers see only copies of an escape code's numbers; and margins, the
 * way that characters are written, and their sets are told nowhere.
 */
export interface Core {
  writeSync(data: string): void;
  registerCsiHandler(
    id: { prefix?: string; final: string },
    handler: (params: Params) => boolean,
  ): void;
  readonly coreService: { isCursorHidden: boolean };
  readonly buffer: { readonly scrollTop: number; readonly scrollBottom: number; x: number; y: number };
  readonly coreMouseService: { readonly activeEncoding: string };
  readonly _charsetService: {
    readonly glevel: number;
    readonly charset: CharacterSet | undefined;
    readonly _charsets: readonly (CharacterSet | undefined)[];
  };
  readonly _inputHandler: {
    readonly _parser: { readonly currentState: number };
    readonly _curAttrData: Attributes & { isAttributeDefault(): boolean };
    charAttributes(params: Params): boolean;
    eraseInDisplay(params: Params): boolean;
    setScrollRegion(params: Params): boolean;
  };
}

type CharacterSet = Readonly<Record<string, string>>;

/** A number of an escape code, or those that follow one behind colons; -1 for an empty one. */
export type Param = number | number[];

/** The numbers of an escape code. */
export interface Params {
  /** Its numbers; the rest of the array has no meaning. */
  readonly params: Int32Array;
  readonly length: number;
  hasSubParams(index: number): boolean;
  toArray(): Param[];
}

/** The emulator without its covers. */
export function coreOf(terminal: Terminal): Core {
  return (terminal as unknown as { _core: Core })._core;
}

/** Other numbers, of the same class. */
export function paramsLike(params: Params, values: Param[]): Params {
  return (params.constructor as unknown as { fromArray(values: Param[]): Params }).fromArray(values);
}
