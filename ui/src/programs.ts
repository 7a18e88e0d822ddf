// Which program an event or entry is about, as people call it.

import { isCall } from "./activity/calls";
import type { Program } from "./documents";
import type { AuditEvent } from "./wire";

/** The key that `lanyard setup` makes for a client. */
const OF_SETUP = /^setup ([a-z-]+)$/u;

/** The last part of a path; a key's name as it is, or the client that it was made for. */
export function programName(program: string): string {
  const client = OF_SETUP.exec(program)?.[1];
  if (client !== undefined) return client;
  const parts = program.split(/[/\\]/u).filter((part) => part !== "");
  return parts.at(-1) ?? program;
}

/** The programs that used a server today, by name, each once. */
export function usedToday(programs: readonly Program[], server: string): string[] {
  const names = programs.filter((program) => program.servers_today.includes(server)).map((program) => programName(program.name));
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}

/** When a program last got what it asked for from a server, as far as it is on record; ISO 8601. */
export function lastServed(audit: readonly AuditEvent[], server: string): string | null {
  return audit.findLast((event) => event.server === server && event.outcome === "allowed" && isCall(event))?.time ?? null;
}

/** The longest life of a token that was served for a server, seconds; null when none is on record. */
export function longestLife(audit: readonly AuditEvent[], server: string): number | null {
  const lives = audit.flatMap((event) => (event.server === server && typeof event.token_life === "number" ? [event.token_life] : []));
  return lives.length > 0 ? Math.max(...lives) : null;
}
