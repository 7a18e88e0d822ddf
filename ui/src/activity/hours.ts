// Calls over the day.

import type { AuditEvent } from "../wire";
import { dayOf } from "./filters";

/** The events that are a program's call. */
const CALLS = ["token-served", "token-refused", "tool-called", "tool-refused", "server-used", "server-refused"];

export function isCall(event: AuditEvent): boolean {
  return CALLS.includes(event.event);
}

export type Hour = { hour: number; allowed: number; refused: number };

/** The calls of the day of `now`, by hour of the person's clock. */
export function hours(events: readonly AuditEvent[], now: number): Hour[] {
  const day: Hour[] = Array.from({ length: 24 }, (_, hour) => ({ hour, allowed: 0, refused: 0 }));
  const today = dayOf(now);
  for (const event of events) {
    const time = Date.parse(event.time);
    if (!isCall(event) || Number.isNaN(time) || dayOf(time) !== today) continue;
    const hour = day[new Date(time).getHours()];
    if (hour === undefined) continue;
    const times = event.count ?? 1;
    if (event.outcome === "refused") hour.refused += times;
    else hour.allowed += times;
  }
  return day;
}
