/** The pages, in their order. */
export const PAGES = ["servers", "activity", "programs", "account", "help"] as const;
export type Page = (typeof PAGES)[number];

export function isPage(word: unknown): word is Page {
  return PAGES.some((page) => page === word);
}

/** What the window was opened for, and why by itself, where nobody asked for it. */
export type Opening = { page: Page; reason: string | null };
