/** Replays one vector against a server. */
import { collect } from "./collect_step.ts";
import { checkFile, checkProcess, operateOnFile, request } from "./host_steps.ts";
import { shorten } from "./pattern.ts";
import { Scene, type Target } from "./scene.ts";
import { expectClosed, expectFrame, expectMessage, expectNone, open, send, sendRaw } from "./socket_steps.ts";
import type { Step, Vector } from "./vector.ts";

/** @returns the step that failed, what it expected and what it got; undefined when the server passes */
export async function replayVector(vector: Vector, target: Target): Promise<string | undefined> {
  await using scene = await Scene.create(target);
  const preparation: Step[] = (vector.setup ?? []).map((fs) => ({ fs }));
  if (!vector.raw) preparation.push({ open: "main" });
  for (const [index, step] of [...preparation, ...vector.steps].entries()) {
    try {
      await perform(step, scene);
    } catch (error) {
      const number = index - preparation.length + 1;
      const place = number > 0 ? `step ${number}` : "preparation";
      return `${place} ${shorten(step)}\n    ${error instanceof Error ? error.message : error}`;
    }
  }
}

async function perform(step: Step, scene: Scene): Promise<void> {
  if ("open" in step) return await open(step, scene);
  if ("send" in step) return await send(step, scene);
  if ("sendRaw" in step) return await sendRaw(step, scene);
  if ("expect" in step) return await expectMessage(step, scene);
  if ("expectNone" in step) return await expectNone(step, scene);
  if ("expectClosed" in step) return await expectClosed(step, scene);
  if ("expectFrame" in step) return await expectFrame(step, scene);
  if ("collect" in step) return await collect(step, scene);
  if ("drop" in step) return await scene.connection(step.on).drop();
  if ("sleep" in step) return await new Promise((resolve) => setTimeout(resolve, step.sleep));
  if ("http" in step) return await request(step, scene);
  if ("fs" in step) return await operateOnFile(step.fs, scene);
  if ("file" in step) return await checkFile(step.file, scene);
  if ("proc" in step) return await checkProcess(step, scene);
  throw new Error("Unknown kind of step");
}
