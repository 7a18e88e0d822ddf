// What the window's commands answer beside the documents of the agent's interface (wire.ts).

/** `GET /v1/policy`: what applies, and where each setting comes from. */
export type PolicyReport = {
  managed: boolean;
  origins: string[];
  hash: string;
  settings: PolicyRow[];
  faults: { setting: string | null; origin: string; message: string }[];
  unknown: { name: string; origin: string; nearest: string | null }[];
};

export type PolicyRow = {
  name: string;
  group: string;
  value: unknown;
  /** A file or key of the organisation, or `default`. */
  origin: string;
  fault: string | null;
};

/** An MCP client on this computer, as `lanyard setup --json` finds it. */
export type Client = {
  name: string;
  title: string;
  installed: boolean;
  version: string | null;
  file: string | null;
  servers: string[];
  fault: string | null;
  door: string;
};

/** What `lanyard setup CLIENT --json` did. */
export type SetUp = { client: string; file: string; changed: boolean };

/** What a support bundle holds, before anything is written. */
export type Diagnostics = { files: DiagnosticsFile[] };
export type DiagnosticsFile = { name: string; about: string; bytes: number };

/** The bundle as it was written. */
export type Saved = { file: string; files: DiagnosticsFile[] };

export type Versions = { window: string; webview: string | null; system: string };

/** The pages, in their order. */
export const PAGES = ["servers", "activity", "programs", "account", "help"] as const;
export type Page = (typeof PAGES)[number];

export function isPage(word: unknown): word is Page {
  return PAGES.some((page) => page === word);
}

/** What the window was opened for, and why by itself, where nobody asked for it. */
export type Opening = { page: Page; reason: string | null };
