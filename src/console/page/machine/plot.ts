import type uPlot from "uplot";
import { element } from "../dom.ts";

/** How values of a plot are shown. */
export interface PlotOptions {
  readonly title: string;
  /** A value of its axis, as people read it. */
  readonly text: (value: number) => string;
  /** The values that are seen at least. */
  readonly range: () => readonly [number, number];
  /** Where the marks of the axis are; undefined lets the plot choose. */
  readonly steps?: readonly number[];
}

const height = 180;

/** A curve over time, as wide as what it stands in. */
export class Plot {
  readonly element: HTMLElement;
  readonly #plot: uPlot;

  constructor(library: typeof uPlot, options: PlotOptions, signal: AbortSignal) {
    const place = element("div", { class: "plot" });
    this.element = element("section", {}, element("h2", {}, options.title), place);
    this.#plot = new library(settings(options, place), [[], []], place);
    const observer = new ResizeObserver(() => this.#fit(place));
    observer.observe(place);
    signal.addEventListener("abort", () => {
      observer.disconnect();
      this.#plot.destroy();
    });
  }

  /** @param data seconds since 1970, and the values then */
  show(data: [number[], number[]]): void {
    this.#plot.setData(data);
  }

  #fit({ clientWidth }: HTMLElement): void {
    if (clientWidth > 0 && clientWidth !== this.#plot.width) {
      this.#plot.setSize({ width: clientWidth, height });
    }
  }
}

function settings({ title, text, range, steps }: PlotOptions, place: HTMLElement): uPlot.Options {
  const colour = (name: string) => shownColour(place, name);
  // Asked for with each drawing: day may have become night.
  const axis = { stroke: () => colour("--faint"), grid: { stroke: () => colour("--line"), width: 1 } };
  return {
    width: 600,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: () => [...range()] } },
    axes: [axis, {
      ...axis,
      size: 70,
      values: (_, values) => values.map(text),
      ...steps && { splits: () => [...steps] },
    }],
    series: [{}, { label: title, stroke: () => colour("--accent"), width: 1.5 }],
  };
}

/** A colour of the page's style as a canvas takes it: there it depends on whether the page is light or dark. */
function shownColour(place: HTMLElement, name: string): string {
  place.style.color = `var(${name})`;
  const { color } = getComputedStyle(place);
  place.style.color = "";
  return color;
}
