// Calls over the day.

import { EVENTS } from "../following";
import type { AuditEvent } from "../wire";
import { isCall } from "./calls";
import { dayOf } from "./filters";

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

/** Since when today's calls are known, where the agent no longer keeps all of today; null where it does. */
export function knownSince(events: readonly AuditEvent[], now: number): string | null {
  const oldest = events[0]?.time;
  return oldest !== undefined && events.length >= EVENTS && dayOf(Date.parse(oldest)) === dayOf(now) ? oldest : null;
}
