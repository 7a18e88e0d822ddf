import { scaleBand, scaleLinear } from "d3-scale";

import type { Hour } from "../activity/hours";
import type { Formats } from "../formats";
import type { Words } from "../words";

const WIDTH = 600;
const HEIGHT = 120;
const MARGIN = { top: 8, right: 4, bottom: 20, left: 32 };

type Given = { hours: readonly Hour[]; words: Words; formats: Formats };

/** Calls over the day: bars to look at, a sentence and a table to be read out. */
export function Chart({ hours, words, formats }: Given) {
  const sum = (kind: "allowed" | "refused") => hours.reduce((total, hour) => total + hour[kind], 0);
  const most = Math.max(...hours.map((hour) => hour.allowed + hour.refused));
  const clock = (hour: number) => formats.clock(new Date(2026, 0, 1, hour).getTime());
  const busiest = hours.find((hour) => hour.allowed + hour.refused === most)?.hour ?? 0;
  if (most === 0) return <p className="empty">{words.activity.chartEmpty}</p>;
  const across = scaleBand<number>().domain(hours.map((hour) => hour.hour)).range([MARGIN.left, WIDTH - MARGIN.right]).padding(0.25);
  const up = scaleLinear().domain([0, most]).nice(3).range([HEIGHT - MARGIN.bottom, MARGIN.top]);
  const lines = up.ticks(3).filter(Number.isInteger);
  const bars = hours.map(({ hour, allowed, refused }) => ({ hour, left: across(hour) ?? 0, floor: up(0), middle: up(allowed), top: up(allowed + refused) }));
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" focusable="false">
        <defs>
          <pattern id="refused" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect className="chart-refused-ground" width="4" height="4" />
            <rect className="chart-refused-line" width="2" height="4" />
          </pattern>
        </defs>
        {lines.map((line) => (
          <g key={line}>
            <line className="chart-line" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={up(line)} y2={up(line)} />
            <text className="chart-text" x={MARGIN.left - 6} y={up(line) + 4} textAnchor="end">
              {formats.number(line)}
            </text>
          </g>
        ))}
        {bars.map(({ hour, left, floor, middle, top }) => (
          <g key={hour}>
            <rect className="chart-allowed" x={left} y={middle} width={across.bandwidth()} height={floor - middle} />
            <rect x={left} y={top} width={across.bandwidth()} height={middle - top} fill="url(#refused)" />
            {hour % 6 === 0 && (
              <text className="chart-text" x={left} y={HEIGHT - 6}>
                {clock(hour)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <figcaption>
        <span className="legend">
          <span className="legend-item">
            <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true">
              <rect className="chart-allowed" width="12" height="12" />
            </svg>
            {words.activity.allowed}
          </span>
          <span className="legend-item">
            <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true">
              <rect width="12" height="12" fill="url(#refused)" />
            </svg>
            {words.activity.refused}
          </span>
        </span>
        <span>{words.activity.chartSummary(formats.number(sum("allowed")), formats.number(sum("refused")), clock(busiest))}</span>
      </figcaption>
      <table className="unseen">
        <caption>{words.activity.chart}</caption>
        <thead>
          <tr>
            <th scope="col">{words.activity.hour}</th>
            <th scope="col">{words.activity.allowed}</th>
            <th scope="col">{words.activity.refused}</th>
          </tr>
        </thead>
        <tbody>
          {hours
            .filter((hour) => hour.allowed + hour.refused > 0)
            .map((hour) => (
              <tr key={hour.hour}>
                <th scope="row">{clock(hour.hour)}</th>
                <td>{formats.number(hour.allowed)}</td>
                <td>{formats.number(hour.refused)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}
