import { max, nice, sum, ticks } from "d3-array";

import type { Hour } from "../activity/hours";
import type { Formats } from "../formats";
import type { Words } from "../words";

const WIDTH = 600;
const HEIGHT = 128;
const MARGIN = { top: 12, right: 4, bottom: 24, left: 32 };
/** Lines to read heights by, about. */
const LINES = 3;
/** Of an hour's room, its bar. */
const BAR = 0.75;

type Given = {
  hours: readonly Hour[];
  /** The time of the day from which on the calls are known; null for all day. */
  since: string | null;
  words: Words;
  formats: Formats;
};

/** Calls over the day: bars to look at, a sentence and a table to be read out. */
export function Chart({ hours, since, words, formats }: Given) {
  const most = max(hours, (hour) => hour.allowed + hour.refused) ?? 0;
  const clock = (hour: number) => formats.clock(new Date(2026, 0, 1, hour).getTime());
  const busiest = hours.find((hour) => hour.allowed + hour.refused === most)?.hour ?? 0;
  if (most === 0) return <p className="empty">{words.activity.chartEmpty(since)}</p>;
  const [, highest] = nice(0, most, LINES);
  const lines = ticks(0, highest, LINES).filter(Number.isInteger);
  const room = (WIDTH - MARGIN.left - MARGIN.right) / hours.length;
  const width = room * BAR;
  const up = (calls: number) => HEIGHT - MARGIN.bottom - (calls / highest) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const bars = hours.map(({ hour, allowed, refused }, at) => ({
    hour,
    left: MARGIN.left + at * room + (room - width) / 2,
    floor: up(0),
    middle: up(allowed),
    top: up(allowed + refused),
  }));
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
            <rect className="chart-allowed" x={left} y={middle} width={width} height={floor - middle} />
            <rect x={left} y={top} width={width} height={middle - top} fill="url(#refused)" />
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
        <span>
          {words.activity.chartSummary(formats.number(sum(hours, (hour) => hour.allowed)), formats.number(sum(hours, (hour) => hour.refused)), clock(busiest), since)}
        </span>
      </figcaption>
      <table className="unseen">
        <caption>{words.activity.chart(since)}</caption>
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
