// What the agent says of a fault when it knows no more than the code.

import type { Code, Problem } from "./wire";

const GENERIC: Record<Code, string> = {
  "not-configured": "This computer has no Lanyard policy that names an identity provider.",
  "policy-fault": "The Lanyard policy of this computer has a fault in a setting that decides who may sign in.",
  "sign-in-required": "You are not signed in to Lanyard.",
  "step-up-required": "Your identity provider wants you to confirm who you are before this server may be used.",
  "sign-in-in-progress": "A sign-in is open in your browser.",
  "vault-locked": "The keychain that protects your sign-in is locked.",
  "vault-unavailable": "The keychain that protects your sign-in does not answer.",
  "idp-unreachable": "Your identity provider cannot be reached from this computer right now.",
  "server-unreachable": "The server or its authorization server cannot be reached right now.",
  "idp-throttled": "Your identity provider asks to slow down.",
  busy: "Too many requests are waiting on this computer.",
  "idp-refused": "Your identity provider does not allow your account to use this server.",
  "account-not-allowed": "The account that signed in is not one that your organisation allows here.",
  "client-not-allowed": "This program is not allowed to use Lanyard on this computer.",
  "server-refused": "The server's side does not accept your account.",
  "server-unknown": "No server of this name is in your organisation's policy.",
  "server-misconfigured": "The server, its authorization server or the identity provider is set up so that sign-in cannot work.",
  "server-not-supported": "The server's authorization server does not offer enterprise sign-in.",
  "scope-not-allowed": "More rights were asked for than policy or the identity provider grants for this server.",
  "door-closed": "Lanyard is paused, or policy has closed this way in.",
  "bad-request": "The request is not one that Lanyard understands or can fulfil.",
  "version-unsupported": "The request uses a version of the local interface that this Lanyard does not speak.",
  internal: "Lanyard met a fault of its own.",
};

/** What this window says of a fault of its own. */
export const OF_WINDOW = "The window met a fault of its own.";

/** Whether what happened is told by the code alone, so that a translation of the code's sentences loses nothing. */
export function isGeneric({ code, detail }: Problem): boolean {
  return detail === GENERIC[code] || detail === OF_WINDOW;
}
