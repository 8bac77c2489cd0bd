import { KEYBOARD_GRACE_MS, KEYBOARD_IDLE_MS } from "../limits.ts";
import type { KeyboardChange } from "../process/keyboard.ts";
import type { ManagedProcess } from "../process/managed_process.ts";
import type { Tell } from "../process/process_owner.ts";
import { invalidRequest } from "../protocol/errors.ts";
import type { ProcessId } from "../protocol/ids.ts";
import type { TerminalSize } from "../protocol/schemas/process.ts";
import { Subscription, type SubscriptionOptions } from "./subscription.ts";
import { unref } from "../unref.ts";

/** What a session may do with a process: all that its owner may, also take the keyboard, or only look. */
export type AttachmentRole = "owner" | "control" | "view";

/** Why somebody is no longer attached. */
export type DetachReason = "forgotten" | "detached" | "moved";

/** What is needed of the session that is attached. */
export interface AttachedSession {
  /** What its client calls itself. */
  readonly clientName: string;
  /** Set while its client is there. */
  readonly tell: Tell | undefined;
  /** An attachment has ended. */
  forgetAttachment(attachment: Attachment): void;
}

/** How many there have been. */
let made = 0;

/** One session's part in one process: the name it has there, how far it has come, and what it may do. */
export class Attachment {
  /** The session's name for the process. */
  readonly id: ProcessId;
  readonly process: ManagedProcess;
  readonly role: AttachmentRole;
  readonly session: AttachedSession;
  readonly subscription: Subscription;
  /** Goes before the names of its writes, which are its own. */
  readonly #writeScope = `${++made}:`;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How much it has typed since it took the keyboard. */
  typedBytes = 0;

  constructor(
    session: AttachedSession,
    id: ProcessId,
    process: ManagedProcess,
    role: AttachmentRole,
    options?: SubscriptionOptions,
  ) {
    this.session = session;
    this.id = id;
    this.process = process;
    this.role = role;
    this.subscription = new Subscription(id, process.log, options);
    process.forgotten.add(this.#forgotten);
    process.keyboard.listeners.add(this.#keyboardChanged);
    if (role !== "owner") process.resized.add(this.#resized);
  }

  /** What its session's client calls itself. */
  get clientName(): string {
    return this.session.clientName;
  }

  /** Whether this session may type just now. */
  get mayType(): boolean {
    const { holder } = this.process.keyboard;
    return this.role === "owner" ? holder === undefined : holder === this;
  }

  /** Who has the keyboard, as seen from here. */
  get keyboard(): "you" | "owner" | "viewer" {
    const { holder } = this.process.keyboard;
    if (this.mayType) return "you";
    return holder === undefined ? "owner" : "viewer";
  }

  /** Takes the keyboard. It goes back when nobody types for long. */
  takeKeyboard(options: KeyboardChange & { readonly holdsOwner: boolean }): void {
    if (!this.mayType) this.typedBytes = 0;
    this.process.keyboard.take(this, options);
    this.#typed();
  }

  /** Gives the keyboard back to the owner, if it is here, and the terminal the owner's size. */
  giveKeyboardBack(note?: string): void {
    if (this.process.keyboard.holder !== this) return;
    clearTimeout(this.#timer);
    this.process.keyboard.giveBack(this, { note });
    this.process.restoreOwnersSize();
  }

  /**
   * Changes the terminal's size. While somebody else types, the owner's is kept in mind for when the keyboard is given
   * back.
   *
   * @throws {RpcError} -32600 for who may not type, and behind pipes
   */
  resize(size: TerminalSize): void {
    if (this.role === "owner") this.process.ownersSize = size;
    else if (!this.mayType) {
      throw invalidRequest(`process ${this.id}: take the keyboard to resize its terminal`);
    }
    if (this.mayType) this.process.resize(size);
  }

  /** Writes to the process, see {@linkcode ManagedProcess.write}. */
  write(bytes: Uint8Array, writeId: string): boolean | Promise<boolean> {
    this.#typed();
    this.typedBytes += bytes.length;
    return this.process.write(bytes, this.#writeScope + writeId);
  }

  /** The session's connection is lost: who comes back soon still has the keyboard. */
  disconnected(): void {
    if (this.process.keyboard.holder === this) this.#giveBackAfter(KEYBOARD_GRACE_MS);
  }

  /** Nothing more is told of it here. */
  end(reason: DetachReason): void {
    this.giveKeyboardBack();
    const { process } = this;
    process.forgotten.delete(this.#forgotten);
    process.keyboard.listeners.delete(this.#keyboardChanged);
    process.resized.delete(this.#resized);
    this.subscription.dispose();
    this.session.forgetAttachment(this);
    if (this.role !== "owner" && reason !== "detached") {
      this.session.tell?.("process/detached", { processId: this.id, reason });
    }
  }

  readonly #forgotten = () => this.end("forgotten");

  readonly #resized = (size: TerminalSize) => {
    this.session.tell?.("process/resized", {
      processId: this.id,
      seq: this.process.log.nextSeq - 1,
      size,
    });
  };

  readonly #keyboardChanged = ({ note }: KeyboardChange) => {
    const holder = this.process.keyboard.holder as Attachment | undefined;
    this.session.tell?.("process/keyboard", {
      processId: this.id,
      holder: this.keyboard,
      ...holder && { client: holder.session.clientName },
      ...note !== undefined && { note },
    });
  };

  #typed(): void {
    if (this.process.keyboard.holder === this) this.#giveBackAfter(KEYBOARD_IDLE_MS);
  }

  #giveBackAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.giveKeyboardBack(), ms);
    unref(this.#timer);
  }
}
