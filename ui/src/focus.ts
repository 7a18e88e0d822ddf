// Where the focus goes when nobody moved it.

/** Whether what has the focus is marked, as it is for keys. */
export function hasRing(): boolean {
  return document.activeElement?.matches(":focus-visible") ?? false;
}

/** Puts the focus on a heading; whoever came by the mouse sees no ring. */
export function land(heading: HTMLElement, byKeys: boolean): void {
  heading.tabIndex = -1;
  heading.classList.toggle("unringed", !byKeys);
  heading.focus();
}
