import process from "node:process";
import { ConnectionError } from "../transport/transport.ts";
import { emptyScreen } from "./attach_process.ts";
import { LocalRecording } from "./local_recording.ts";
import { findShared, type SharedTarget } from "./shared_target.ts";

/** Records what a process prints from now on to a file of this machine, until it ends or a signal comes. @returns 0 */
export async function recordTo(target: SharedTarget, name: string, path: string): Promise<number> {
  const listed = await findShared(target, name);
  const attached = await target.processes.attach(listed.handle, {
    from: listed.tty ? { screen: {} } : { afterSeq: listed.nextSeq - 1 },
  });
  await using recording = await LocalRecording.create(path, { ...listed, size: attached.size });
  const { picture } = attached;
  const paint = async ({ text }: { text: string }) => {
    await recording.output("pty", new TextEncoder().encode(emptyScreen + text));
  };
  if (picture?.format === "ansi") await paint(picture);
  attached.listenSize((size) => recording.resize(size));
  attached.listenKeyboard(({ holder, client = "somebody", note }) => {
    const what = holder === "owner" ? "the keyboard is its owner's again" : `${client} took the keyboard`;
    recording.marker(note === undefined ? what : `${what}: ${note}`);
  });
  const events = attached.events();
  const stop = () => void events.return?.();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  let painted = 0;
  let exitCode: number | null = null;
  for await (const event of events) {
    if (event.kind === "failed") throw new ConnectionError(event.message);
    if (event.kind === "exited") exitCode = event.exitCode;
    if (event.kind === "output" && event.seq > painted) await recording.output(event.stream, event.bytes);
    if (event.kind !== "gap") continue;
    recording.marker(`gap: events ${event.fromSeq} to ${event.toSeq}`);
    if (!picture) continue;
    const now = await attached.screen({ format: "ansi" });
    painted = now.seq;
    if (now.format === "ansi") await paint(now);
  }
  await recording.end(exitCode);
  return 0;
}
