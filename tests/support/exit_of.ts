import type { ExitStatus } from "../../src/host/child_process.ts";

/** How a child ended, without what it has used. */
export async function exitOf(
  child: { readonly exit: Promise<ExitStatus> },
): Promise<Pick<ExitStatus, "code" | "signal">> {
  const { code, signal } = await child.exit;
  return { code, signal };
}
