// Times, spans and numbers as the person's locale writes them.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Formats = {
  number: (value: number) => string;
  /** A day and a time. */
  moment: (time: string) => string;
  /** A time of the day. */
  clock: (time: string | number) => string;
  day: (time: string) => string;
  /** "5 minutes ago", "in 3 hours", and below a minute in the words given. */
  relative: (time: string, now: number) => string;
  /** What is left or passed, in its two greatest units: "42 min 10 sec". */
  span: (milliseconds: number) => string;
  bytes: (count: number) => string;
  list: (items: readonly string[]) => string;
};

export function formatsFor(locale: string, underMinute: { past: string; future: string }): Formats {
  const number = new Intl.NumberFormat(locale);
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
  return {
    number: (value) => number.format(value),
    moment: (time) => moment.format(new Date(time)),
    clock: (time) => clock.format(new Date(time)),
    day: (time) => day.format(new Date(time)),
    relative: (time, now) => {
      const distance = Date.parse(time) - now;
      const size = Math.abs(distance);
      if (size < MINUTE) return distance > 0 ? underMinute.future : underMinute.past;
      if (size < HOUR) return relative.format(Math.trunc(distance / MINUTE), "minute");
      if (size < DAY) return relative.format(Math.trunc(distance / HOUR), "hour");
      return relative.format(Math.trunc(distance / DAY), "day");
    },
    span: (milliseconds) => {
      const left = Math.max(0, Math.floor(milliseconds / SECOND) * SECOND);
      const parts: [number, string][] = [
        [Math.floor(left / DAY), "day"],
        [Math.floor((left % DAY) / HOUR), "hour"],
        [Math.floor((left % HOUR) / MINUTE), "minute"],
        [Math.floor((left % MINUTE) / SECOND), "second"],
      ];
      const first = parts.findIndex(([value]) => value > 0);
      if (first === -1) return unit(0, "second");
      const shown = parts.slice(first, first + 2).filter(([value]) => value > 0);
      return shown.map(([value, name]) => unit(value, name)).join(" ");
    },
    bytes: (count) => (count < 1000 ? unit(count, "byte") : count < 1_000_000 ? unit(count / 1000, "kilobyte") : unit(count / 1_000_000, "megabyte")),
    list: (items) => list.format(items),
  };
}
