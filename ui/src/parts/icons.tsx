// One drawing for each meaning: told apart by shape, so that colour is never needed.

const PATHS = {
  good: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM6.5 10.2l2.4 2.4 4.6-5",
  idle: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM7 10h6",
  working: "M16.5 10a6.5 6.5 0 0 1-11.6 4M3.5 10a6.5 6.5 0 0 1 11.6-4M15.5 2.5V6H12M4.5 17.5V14H8",
  refused: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM4.8 4.8l10.4 10.4",
  away: "M2.5 8.5a11 11 0 0 1 3.4-2.2M17.5 8.5A11 11 0 0 0 9 5.6M5.2 11.6a7 7 0 0 1 4-1.9M14.8 11.6a7 7 0 0 0-1.2-.9M10 15.2h.01M3.5 3l13 14",
  warning: "M10 3 2.5 16.5h15L10 3ZM10 8.5v3.7M10 14.4h.01",
  person: "M8.5 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 16.5c0-2.8 2.4-4.5 6-4.5 1.3 0 2.5.2 3.4.7M16 9.5v4M16 16h.01",
  out: "M10 10.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 17c.3-2.7 2.7-4.3 6.2-4.3s5.9 1.6 6.2 4.3",
  lock: "M5 9h10v7.5H5ZM7 9V6.5a3 3 0 0 1 6 0V9M10 12v2",
  paused: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM8.2 7.2v5.6M11.8 7.2v5.6",
  skipped: "M4 5.5 9 10l-5 4.5ZM11 5.5 16 10l-5 4.5Z",
  servers: "M3.5 3.5h13v5h-13ZM3.5 11.5h13v5h-13ZM6.5 6h.01M6.5 14h.01",
  activity: "M3 10.5h3l2.2-6 3.6 11 2.2-5H17",
  programs: "M3.5 4.5h13v11h-13ZM3.5 7.5h13M6.5 10.5l2 1.5-2 1.5M10.5 13.5h3",
  account: "M10 10a3.2 3.2 0 1 0 0-6.4A3.2 3.2 0 0 0 10 10ZM3.5 16.8c.4-2.9 2.9-4.6 6.5-4.6s6.1 1.7 6.5 4.6",
  help: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM7.8 7.8c0-1.3 1-2.1 2.2-2.1s2.2.8 2.2 2c0 1.7-2.2 1.8-2.2 3.5M10 14h.01",
  building: "M4.5 17V4.5h7V17M11.5 8.5h4V17M3 17h14M7 7.5h2M7 10.5h2M7 13.5h2",
  copy: "M7.5 7.5h8.5V16h-8.5ZM4 12.5V4h8.5",
  chevron: "M6 8l4 4 4-4",
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside a word that says the same, so hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
