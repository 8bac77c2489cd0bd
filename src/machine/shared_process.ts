import type { ResultOf } from "../protocol/methods.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import type { ExportFormat } from "../protocol/schemas/recording.ts";
import type { ExecProcess } from "./exec_backend.ts";
import type { ProcessScreen, ScreenOptions } from "./process_screen.ts";

/** A process of a server as everybody may see it. */
export type ListedProcess = NonNullable<ResultOf<"process/listAll">["processes"]>[number];

export type { ProcessScreen, ScreenOptions };

/** How one is attached to a process of somebody else. */
export interface AttachOptions {
  /** `view` to look on, `control` to take the keyboard too; `view` by default. */
  readonly role?: "view" | "control" | undefined;
  /** Where its events begin: behind an event, or behind what a picture of its screen shows; with the oldest by default. */
  readonly from?:
    | { readonly afterSeq: number }
    | { readonly screen: { readonly scrollback?: number } }
    | undefined;
  /** Let the process wait for this reader, instead of telling it of gaps. Needs the role `control`. False by default. */
  readonly lossless?: boolean | undefined;
}

/** How the keyboard is taken. */
export interface KeyboardOptions {
  /** From another viewer too; false by default. */
  readonly force?: boolean;
  /** What becomes of what its owner writes meanwhile: refused, or held until it is given back; `refuse` by default. */
  readonly ownerInput?: "refuse" | "hold";
  /** A word to its owner and the other viewers. */
  readonly note?: string;
}

/** Who may type, as seen from here. */
export type KeyboardHolder = ResultOf<"process/keyboard">["holder"];

/** The keyboard has changed hands. */
export interface KeyboardChange {
  readonly holder: KeyboardHolder;
  /** What the client calls itself that took it. */
  readonly client?: string | undefined;
  /** What that one says to it. */
  readonly note?: string | undefined;
}

/**
 * A process that several clients share: somebody else's, or one's own. The end of an `await using` block detaches from
 * another's and from one of the server's lifetime, and terminates every other.
 */
export interface SharedProcess extends ExecProcess {
  /** What one may do with it. */
  readonly role: "owner" | "control" | "view";
  /** Who may type, as far as is known here. */
  readonly keyboard: KeyboardHolder;
  /** The picture that was asked for when it was attached to. */
  readonly picture: ProcessScreen | undefined;
  /** Its terminal's size when it was attached to; undefined behind pipes. */
  readonly size: TerminalSize | undefined;

  /**
   * Takes the keyboard: only who has it may write, resize, signal and end it. The owner takes back what is its own.
   *
   * @throws {ServerError} EREFUSED for who may only look on, and while another viewer has it
   */
  takeKeyboard(options?: KeyboardOptions): Promise<KeyboardHolder>;

  /** Gives the keyboard back to the owner. */
  giveKeyboardBack(note?: string): Promise<KeyboardHolder>;

  /** Calls a listener when the keyboard changes hands. @returns what ends that */
  listenKeyboard(listener: (change: KeyboardChange) => void): () => void;

  /** Calls a listener when somebody else has changed the size of its terminal. @returns what ends that */
  listenSize(listener: (size: TerminalSize) => void): () => void;

  /**
   * A file of what is kept of its output: a recording in asciicast, its text, or every byte. `v3` by default.
   *
   * @throws {ServerError} ENOTSUP on a server that makes none
   */
  export(format?: ExportFormat): AsyncIterable<Uint8Array>;

  /**
   * Follows it no more. It runs on.
   *
   * @throws {ServerError} EREFUSED for one's own that ends with its client
   */
  detach(): Promise<void>;
}

/** The processes of a server, whosever they are. */
export interface SharedProcesses {
  /**
   * Every process of the server, those of others too.
   *
   * @throws {ServerError} ENOTSUP on a server whose processes cannot be shared
   */
  list(): Promise<readonly ListedProcess[]>;

  /**
   * Follows a process of somebody else, by its handle, its name, or the beginning of its handle.
   *
   * @throws {ServerError} EREFUSED where none or several are meant, ENOTSUP on a server whose processes cannot be shared
   */
  attach(process: string, options?: AttachOptions): Promise<SharedProcess>;

  /**
   * Makes a process one's own whose owner is gone.
   *
   * @throws {ServerError} as `attach` does, and EREFUSED while its owner is there
   */
  adopt(process: string): Promise<SharedProcess>;
}
