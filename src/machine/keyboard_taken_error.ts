/** Somebody else types into a process just now: what was written is not there. Written again later, it is. */
export class KeyboardTakenError extends Error {
  override readonly name = "KeyboardTakenError";
  readonly code = "EBUSY";
  readonly processId: string;
  /** Bytes of what was to be written that went through before. */
  readonly writtenBytes: number;

  constructor(processId: string, writtenBytes: number) {
    super(`somebody else has the keyboard of process ${processId}: write again once it is given back`);
    this.processId = processId;
    this.writtenBytes = writtenBytes;
  }
}
