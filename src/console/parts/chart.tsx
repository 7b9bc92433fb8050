import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { useWords } from '../context.ts';
import { watchTheme } from '../theme.ts';

const HEIGHT_PX = 170;
/** The line may be gone while it is loaded. */
const LOAD_AGAIN_MS = 5_000;

export interface Line {
  readonly label: string;
  /** Name of a colour of theme.css; a dashed line is told from a plain one without it. */
  readonly colour: string;
  readonly dashed?: boolean;
}

interface ChartProps {
  readonly title: string;
  /** What the last point says, for those who do not see the lines. */
  readonly summary: string;
  readonly lines: readonly Line[];
  /** Epoch seconds, then one column a line. */
  readonly columns: readonly (readonly (number | null)[])[];
}

/** A time series. uPlot is loaded when the first one is shown; the figures stand in words beside it as well. */
export function Chart({ title, summary, lines, columns }: ChartProps) {
  const words = useWords();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(columns);
  const [theme, setTheme] = useState(0);
  const [attempt, setAttempt] = useState(0);
  latest.current = columns;

  useEffect(() => watchTheme(() => setTheme((before) => before + 1)), []);
  // A new theme has new colours; lines differ by their labels.
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let gone = false;
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    let timer = 0;
    const draw = (UPlot: typeof uPlot): void => {
      if (gone) return;
      const options = optionsOf(lines, element.clientWidth, words.time, words.number);
      plot.current = new UPlot(options, latest.current as uPlot.AlignedData, element);
      observer.observe(element);
    };
    import('uplot').then(
      ({ default: UPlot }) => draw(UPlot),
      () => {
        if (!gone) timer = window.setTimeout(() => setAttempt((before) => before + 1), LOAD_AGAIN_MS);
      },
    );
    return () => {
      gone = true;
      clearTimeout(timer);
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [theme, attempt, words, lines.map(({ label }) => label).join()]);
  useEffect(() => plot.current?.setData(columns as uPlot.AlignedData), [columns]);

  return (
    <figure class="chart">
      <figcaption>
        {title}
        {lines.length > 1 &&
          lines.map(({ label, colour, dashed }) => (
            <span key={label} class="legend">
              <svg viewBox="0 0 24 4" aria-hidden="true" focusable="false" class={colour}>
                <path d="M0 2h24" class={dashed ? 'dashed' : ''} />
              </svg>
              {label}
            </span>
          ))}
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={`${title}: ${summary}`} />
    </figure>
  );
}

function optionsOf(
  lines: readonly Line[],
  width: number,
  time: (epochMs: number) => string,
  number: (value: number, fraction?: number) => string,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('text'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1 },
  };
  return {
    width,
    height: HEIGHT_PX,
    cursor: { show: false },
    legend: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 90,
        values: (_plot, splits) => splits.map((second) => time(second * 1000).slice(0, 8)),
      },
      { ...axis, size: 48, values: (_plot, splits) => splits.map((value) => number(value, value % 1 === 0 ? 0 : 1)) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        stroke: colour(line.colour),
        width: 2,
        points: { show: false },
        ...(line.dashed ? { dash: [6, 4] } : {}),
      })),
    ],
  };
}
