import type { create } from "asciinema-player";
import { element } from "../dom.ts";
import { style } from "../assets.ts";

/** What the player's script leaves in the page. */
type PlayerLibrary = { readonly create: typeof create };

const script = "/console/assets/asciinema-player.js";
let loading: Promise<PlayerLibrary> | undefined;

/** Plays recordings; loaded when it is first needed. @throws {Error} where it cannot be had */
export function loadPlayer(): Promise<PlayerLibrary> {
  style("asciinema-player.css");
  return loading ??= new Promise<PlayerLibrary>((resolve, reject) => {
    const failed = () => {
      loading = undefined;
      reject(new Error("the player cannot be loaded: load this page again"));
    };
    const loaded = () =>
      resolve((globalThis as unknown as { AsciinemaPlayer: PlayerLibrary }).AsciinemaPlayer);
    // It is made as a script, not as a module.
    document.head.append(element("script", { src: script, on: { load: loaded, error: failed } }));
  });
}
