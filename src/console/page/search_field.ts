import { button, element } from "./dom.ts";

/** A field that looks for a text: forwards by Enter, backwards by Shift-Enter. @param find whether there is any */
export function searchField(find: (text: string, backwards: boolean) => boolean): HTMLElement {
  const field = element("input", { type: "search", placeholder: "Search", aria: { label: "Search" } });
  const result = element("span", { role: "status" });
  const look = (backwards: boolean) => {
    if (field.value === "") return;
    result.textContent = find(field.value, backwards) ? "" : "not found";
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") look(event.shiftKey);
  });
  return element(
    "span",
    { class: "search", role: "search" },
    field,
    button("↑", () => look(true), { aria: { label: "Search backwards" } }),
    button("↓", () => look(false), { aria: { label: "Search forwards" } }),
    result,
  );
}
