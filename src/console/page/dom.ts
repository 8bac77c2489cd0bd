/** What an element is made of: text stays text, whatever stands in it. */
export type Child = Node | string | number | null | undefined | false;

/** What an element is given: its properties, `class` and `data`, attributes of `aria-*`, and what is called on events. */
export interface Properties {
  readonly class?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly aria?: Readonly<Record<string, string>>;
  readonly on?: { readonly [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
  readonly [property: string]: unknown;
}

/** Makes an element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  const { class: classes, data, aria, on, ...others } = properties;
  if (classes !== undefined) made.className = classes;
  for (const [name, value] of Object.entries(data ?? {})) made.dataset[name] = value;
  for (const [name, value] of Object.entries(aria ?? {})) made.setAttribute(`aria-${name}`, value);
  for (const [name, listener] of Object.entries(on ?? {})) {
    made.addEventListener(name, listener as EventListener);
  }
  for (const [name, value] of Object.entries(others)) {
    if (name in made) (made as unknown as Record<string, unknown>)[name] = value;
    else made.setAttribute(name, String(value));
  }
  fill(made, ...children);
  return made;
}

/** Puts children in the place of those that an element has. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(
    ...children.filter((child) => child !== null && child !== undefined && child !== false)
      .map((child) => child instanceof Node ? child : String(child)),
  );
}

/** A button. */
export function button(text: string, onClick: () => void, properties: Properties = {}): HTMLButtonElement {
  return element("button", { type: "button", ...properties, on: { click: onClick } }, text);
}
