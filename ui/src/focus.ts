// Where the focus goes when nobody moved it.

import type { Stop } from "./agent";

/** Where it may land: a long list without headings has its entries. */
const LANDINGS = "main :is(h1, h2, h3, .event)";
/** What opens above a page, as choices do, is not among them: it gives the focus back itself. */
const PLACES = "main, nav";

/** Whether what has the focus is marked, as it is for keys. */
export function hasRing(): boolean {
  return document.activeElement?.matches(":focus-visible") ?? false;
}

/** Puts the focus on a place that is no control; whoever came by the mouse sees no ring. */
export function land(place: HTMLElement, byKeys: boolean): void {
  place.tabIndex = -1;
  place.classList.toggle("unringed", !byKeys);
  place.focus();
}

type Held = { control: Element; byKeys: boolean; above: readonly HTMLElement[] };

/** When what has the focus goes away or is disabled, the focus goes to the nearest landing that stood above it. */
export function keptFocus(): Stop {
  let held: Held | null = null;
  const hold = ({ target }: FocusEvent) => {
    held = target instanceof Element && target.closest(PLACES) !== null ? { control: target, byKeys: hasRing(), above: landingsAbove(target) } : null;
  };
  // Chromium tells of a focus that went with its control, too: only once all is done is it known which it was.
  const release = () =>
    queueMicrotask(() => {
      if (held !== null && !isGone(held.control) && held.control !== document.activeElement) held = null;
    });
  const observer = new MutationObserver(() => {
    if (held === null || !isGone(held.control)) return;
    const { control, byKeys, above } = held;
    held = null;
    if (document.activeElement !== document.body && document.activeElement !== control) return;
    const landing = above.findLast((landing) => landing.isConnected) ?? document.querySelector<HTMLElement>(LANDINGS);
    if (landing !== null) land(landing, byKeys);
  });
  document.addEventListener("focusin", hold);
  document.addEventListener("focusout", release);
  observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  return () => {
    document.removeEventListener("focusin", hold);
    document.removeEventListener("focusout", release);
    observer.disconnect();
  };
}

function isGone(control: Element): boolean {
  return !control.isConnected || control.matches(":disabled");
}

function landingsAbove(control: Element): HTMLElement[] {
  const landings = [...document.querySelectorAll<HTMLElement>(LANDINGS)];
  return landings.filter((landing) => (landing.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0);
}
