import type { PlatformOs } from "../../../protocol/file_uri.ts";
import { element } from "../dom.ts";
import { above, pathText, typedPath } from "./paths.ts";

/** Where one is, and the ways to elsewhere: up, and to any path that is typed. */
export function pathBar(uri: string, os: PlatformOs, go: (uri: string) => void): HTMLElement {
  const up = element("button", {
    type: "button",
    title: "The directory above",
    ariaLabel: "The directory above",
  }, "↑");
  up.addEventListener("click", () => go(above(uri)));
  const input = element("input", {
    type: "text",
    value: pathText(uri, os),
    ariaLabel: "Path",
    spellcheck: false,
  });
  const form = element("form", { class: "path" }, up, " ", input);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    go(typedPath(input.value, os));
  });
  return form;
}
