// Keys of the whole window.

import type { Agent, Stop } from "./agent";

/** Ctrl+W, and on macOS Command+W, close it, as they close windows of other programs. */
export function closedByKeys(agent: Agent): Stop {
  const listener = (event: KeyboardEvent) => {
    const alone = !event.altKey && !event.shiftKey && event.ctrlKey !== event.metaKey;
    if (!alone || event.key.toLowerCase() !== "w") return;
    event.preventDefault();
    void agent.close();
  };
  window.addEventListener("keydown", listener);
  return () => window.removeEventListener("keydown", listener);
}
