// Which events are calls.

import type { AuditEvent } from "../wire";

/** The events that are a program's call. */
const CALLS = ["token-served", "token-refused", "tool-called", "tool-refused", "server-used", "server-refused"];

export function isCall(event: AuditEvent): boolean {
  return CALLS.includes(event.event);
}
