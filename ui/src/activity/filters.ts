// Which events a person wants to see, and what there is to choose from.

import { programName } from "../programs";
import type { AuditEvent } from "../wire";

export const ALL = "";

export type Filters = { server: string; program: string; outcome: string };

export const NO_FILTERS: Filters = { server: ALL, program: ALL, outcome: ALL };

export function isFiltered(filters: Filters): boolean {
  return filters.server !== ALL || filters.program !== ALL || filters.outcome !== ALL;
}

/** The program of an event as filters name it. */
export function programOf(event: AuditEvent): string | null {
  const program = event.client?.program ?? null;
  return program === null ? null : programName(program);
}

export function admitted(events: readonly AuditEvent[], filters: Filters): AuditEvent[] {
  return events.filter(
    (event) =>
      (filters.server === ALL || event.server === filters.server) &&
      (filters.program === ALL || programOf(event) === filters.program) &&
      (filters.outcome === ALL || event.outcome === filters.outcome),
  );
}

/** What stands in the events, each once, in order. */
export function choices(events: readonly AuditEvent[]): { servers: string[]; programs: string[] } {
  const ordered = (values: (string | null | undefined)[]) =>
    [...new Set(values.filter((value): value is string => typeof value === "string" && value !== ""))].sort((a, b) => a.localeCompare(b));
  return { servers: ordered(events.map((event) => event.server)), programs: ordered(events.map(programOf)) };
}

/** Newest first, a group for each day of the person's own calendar. */
export function byDay(events: readonly AuditEvent[]): { day: string; events: AuditEvent[] }[] {
  const days = new Map<string, AuditEvent[]>();
  for (const event of [...events].reverse()) {
    const day = dayOf(Date.parse(event.time));
    const known = days.get(day);
    if (known === undefined) days.set(day, [event]);
    else known.push(event);
  }
  return [...days].map(([day, events]) => ({ day, events }));
}

/** A day of the person's calendar: 2026-03-01. */
export function dayOf(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
