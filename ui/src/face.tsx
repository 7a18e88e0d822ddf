// What every page has at hand: the agent, what it says now, the words, and the way to another page.

import { createContext, useContext } from "react";

import type { Agent } from "./agent";
import type { PolicyReport, Program } from "./documents";
import type { Page } from "./opening";
import type { Formats } from "./formats";
import type { AuditEvent, Status } from "./wire";
import type { Words } from "./words";

export type Face = {
  agent: Agent;
  status: Status;
  words: Words;
  formats: Formats;
  /** Null until it is known. */
  policy: PolicyReport | null;
  programs: readonly Program[];
  /** Oldest first. */
  audit: readonly AuditEvent[];
  /** Asks again for what changes by a person's act. */
  refresh: () => void;
  go: (page: Page) => void;
  /** Opens the check of a server, or of everything. */
  check: (server: string | null) => void;
};

const Context = createContext<Face | null>(null);

export const FaceProvider = Context.Provider;

export function useFace(): Face {
  const face = useContext(Context);
  if (face === null) throw new Error("a page stands outside the window");
  return face;
}

/** A setting's value where it is a text. */
export function setting(policy: PolicyReport | null, name: string): string | null {
  const value = policy?.settings.find((row) => row.name === name)?.value;
  return typeof value === "string" && value !== "" ? value : null;
}

/** Whether a setting of yes and no, with the default yes, was set to no. */
export function isForbidden(policy: PolicyReport | null, name: string): boolean {
  return policy?.settings.find((row) => row.name === name)?.value === false;
}

/** What people call a server; its id where policy no longer names it. */
export function titleOf(status: Status, id: string): string {
  return status.servers.find((server) => server.id === id)?.title ?? id;
}
