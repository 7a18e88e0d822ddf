// A fault as text that a person can hand to somebody who helps.

import type { Problem, Status } from "./wire";

/** Always in the agent's own words, whatever language the window speaks: whoever helps searches for them. */
export function report(problem: Problem, status: Status | null, about: string | null, now: Date): string {
  const lines = [
    `${problem.title} (${problem.code})`,
    problem.detail,
    `What to do: ${problem.action}`,
    `Whom to ask: ${problem.contact}`,
    "",
    `Time: ${now.toISOString()}`,
  ];
  if (about !== null) lines.push(`About: ${about}`);
  if (status !== null) {
    const reason = status.session.reason === null ? "" : ` (${status.session.reason})`;
    lines.push(`Lanyard: ${status.version}`, `Session: ${status.session.state}${reason}`, `Policy: ${status.policy.hash}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Puts a text on the clipboard; false where the system does not let it. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
