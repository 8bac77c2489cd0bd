/** What a connection holds once somebody asks for it: what it takes is loaded then, as most clients never do. */
export class AtFirstUse<Resource extends Disposable> implements Disposable {
  readonly #make: () => Promise<Resource>;
  #made: Promise<Resource> | undefined;
  #disposed = false;

  constructor(make: () => Promise<Resource>) {
    this.#make = make;
  }

  /** The same for everybody, who get it in the order of their calls. A failure is tried again by the next call. */
  get(): Promise<Resource> {
    return this.#made ??= this.#make().then((resource) => {
      if (this.#disposed) resource[Symbol.dispose]();
      return resource;
    }, (error) => {
      this.#made = undefined;
      throw error;
    });
  }

  /** Disposes of it, and of one that is asked for later. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#made?.then((resource) => resource[Symbol.dispose](), () => {});
  }
}
