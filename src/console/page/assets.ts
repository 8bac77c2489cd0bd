/** What the page loads when it is first needed. */

const folder = "/console/assets/";

/** A module of the server's. */
export async function asset<Module>(name: string): Promise<Module> {
  return await import(`${folder}${name}`) as Module;
}

/** Puts a style sheet of the server's into the page, once. */
export function style(name: string): void {
  const href = `${folder}${name}`;
  if (document.querySelector(`link[href="${href}"]`)) return;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
}
