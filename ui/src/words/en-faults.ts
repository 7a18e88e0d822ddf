// Faults in English: the agent's own sentences, with a button to press for a command to type.

import type { Code, Problem } from "../wire";

/** A fault's sentences in a language. */
export type FaultWords = { title: string; detail: string; action: string };

/** Codes by their sentences, for a language that brings its own. */
export type FaultTable = Record<Code, [title: string, detail: string, action: string]>;

const pressed: Partial<Record<Code, string>> = {
  "policy-fault": "See under Help which setting it is, and let IT mend it.",
  "sign-in-required": "Choose Sign in on the page Account, then try again.",
  "step-up-required": "Sign in again, and confirm in the browser who you are.",
  "vault-locked": "Unlock it, or sign in again.",
  "vault-unavailable": "Start your keychain, or sign in again without it.",
  "idp-refused": "Ask for access, then press Try again or sign in again.",
  "client-not-allowed": "Use an allowed program, or set this one up under Programs.",
  "server-refused": "Sign in to the server's own website once with your work account, then press Try again.",
  "server-unknown": "See under Servers which names there are.",
  "server-misconfigured": "Press Why?, and send what the check says to IT.",
  "server-not-supported": "Press Why?, and send what the check says to IT.",
  "door-closed": "Press Resume under Account if you paused it; otherwise use the way that policy leaves open.",
  internal: "Try again; if it stays, start the check under Help and report what it says.",
};

const contacts: Record<string, string> = {
  "your IT support": "Your IT support",
  "the owner of the server": "The owner of the server",
  "the maker of the program that asked": "The maker of the program that asked",
};

export const faults = {
  ask: "Whom to ask",
  do: "What to do",
  copy: "Copy report",
  copied: "Copied",
  notCopied: "Select the text below and copy it",
  report: "Report",
  retryAfter: (time: string) => `Lanyard tries again in ${time}.`,
  original: "In the agent's words",
  /** The agent's own, but a button of this window rather than a command to type. */
  words: ({ title, detail, action, code }: Problem): FaultWords => ({ title, detail, action: action.includes("`lanyard") ? (pressed[code] ?? action) : action }),
  /** Sentences for faults by their title; English has the agent's own. */
  defects: {} as Record<string, FaultWords>,
  contact: (contact: string): string => contacts[contact] ?? contact,
  titles: {
    "not-configured": "Not set up yet",
    "policy-fault": "Policy is faulty",
    "sign-in-required": "Sign-in needed",
    "step-up-required": "Stronger sign-in needed",
    "sign-in-in-progress": "Sign-in under way",
    "vault-locked": "Keychain locked",
    "vault-unavailable": "Keychain away",
    "idp-unreachable": "Identity provider away",
    "server-unreachable": "Server away",
    "idp-throttled": "Identity provider is busy",
    busy: "Lanyard is busy",
    "idp-refused": "Access refused",
    "account-not-allowed": "Account not allowed",
    "client-not-allowed": "Program not allowed",
    "server-refused": "Server refused",
    "server-unknown": "Unknown server",
    "server-misconfigured": "Server not set up right",
    "server-not-supported": "No enterprise sign-in",
    "scope-not-allowed": "Scope not allowed",
    "door-closed": "Door closed",
    "bad-request": "Wrong request",
    "version-unsupported": "Unknown version",
    internal: "Something broke",
  } satisfies Record<Code, string> as Record<Code, string>,
  /** Whether the words above are the agent's own. */
  areOriginal: true,
};
