// What is wrong, as text that a person can hand to somebody who helps. It is always English, whatever language the window
// speaks: whoever helps searches for the agent's own words.

import type { Problem, Status } from "./wire";

/** A fault. */
export function report(problem: Problem, status: Status | null, about: string | null, now: Date): string {
  const lines = [
    `${problem.title} (${problem.code})`,
    problem.detail,
    `What to do: ${problem.action}`,
    `Whom to ask: ${problem.contact}`,
  ];
  return `${[...lines, ...circumstances(status, about, now)].join("\n")}\n`;
}

/** Sentences of one kind. */
export function listReport(title: string, sentences: readonly string[], status: Status, now: Date): string {
  return `${[title, ...sentences, ...circumstances(status, null, now)].join("\n")}\n`;
}

function circumstances(status: Status | null, about: string | null, now: Date): string[] {
  const lines = ["", `Time: ${now.toISOString()}`];
  if (about !== null) lines.push(`About: ${about}`);
  if (status !== null) {
    const reason = status.session.reason === null ? "" : ` (${status.session.reason})`;
    lines.push(`Lanyard: ${status.version}`, `Session: ${status.session.state}${reason}`, `Policy: ${status.policy.hash}`);
  }
  return lines;
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
