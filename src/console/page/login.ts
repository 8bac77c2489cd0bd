import type { ConsoleRole } from "./page.ts";

/** Uses the code of a login link, if the address has one, and takes it out of there. @returns why it was refused, if so */
export async function logIn(): Promise<string | undefined> {
  const code = new URLSearchParams(location.hash.slice(1)).get("login");
  if (code === null) return undefined;
  history.replaceState(null, "", location.pathname);
  const answer = await fetch("/console/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  return answer.ok ? undefined : await answer.text();
}

/** What one may do here; undefined for who is not logged in. */
export async function sessionRole(): Promise<ConsoleRole | undefined> {
  const answer = await fetch("/console/session");
  if (answer.status === 401) return undefined;
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).role as ConsoleRole;
}

/** Ends the login, and loads the page again. */
export async function logOut(): Promise<void> {
  await fetch("/console/logout", { method: "POST" });
  location.replace(location.pathname);
}
