import type uPlot from "uplot";
import { asset, style } from "./assets.ts";

/** What draws curves, loaded when it is first needed. */
export async function loadPlots(): Promise<typeof uPlot> {
  style("uplot.css");
  return (await asset<{ readonly default: typeof uPlot }>("uplot.mjs")).default;
}
