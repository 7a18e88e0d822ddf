// A state: an icon and a word.

import type { Status } from "../wire";
import type { Words } from "../words";
import { Icon, type IconName } from "./icons";

export type Tone = "good" | "quiet" | "notice" | "bad";

export function State({ icon, tone, children }: { icon: IconName; tone: Tone; children: string }) {
  return (
    <span className={`state state-${tone}`}>
      <Icon name={icon} />
      <span>{children}</span>
    </span>
  );
}

const SERVERS: Record<string, [IconName, Tone]> = {
  idle: ["idle", "quiet"],
  ready: ["good", "good"],
  renewing: ["working", "quiet"],
  denied: ["refused", "bad"],
  unreachable: ["away", "notice"],
  misconfigured: ["warning", "bad"],
  "needs-user": ["person", "notice"],
};

export function ServerState({ state, words }: { state: string; words: Words }) {
  const [icon, tone] = SERVERS[state] ?? ["warning", "notice"];
  return (
    <State icon={icon} tone={tone}>
      {words.servers.states[state] ?? state}
    </State>
  );
}

const SESSIONS: Record<string, [IconName, Tone]> = {
  unconfigured: ["building", "notice"],
  "signed-out": ["out", "notice"],
  "signing-in": ["working", "quiet"],
  active: ["good", "good"],
  renewing: ["working", "good"],
  waiting: ["away", "notice"],
  "needs-user": ["person", "notice"],
  "vault-closed": ["lock", "notice"],
};

/** A pause hides what the session is about, as it does for programs, and so does a locked screen. */
export function SessionState({ status, words }: { status: Status; words: Words }) {
  if (status.agent.paused) {
    return (
      <State icon="paused" tone="notice">
        {words.paused}
      </State>
    );
  }
  if (status.agent.screen_locked) {
    return (
      <State icon="lock" tone="notice">
        {words.screenLocked}
      </State>
    );
  }
  const { state, fault } = status.session;
  // A policy that cannot be used is not one that nobody wrote.
  const isFaulty = state === "unconfigured" && fault !== null && fault.code !== "not-configured";
  const [icon, tone] = SESSIONS[state] ?? ["warning", "notice"];
  return (
    <State icon={isFaulty ? "warning" : icon} tone={tone}>
      {isFaulty ? words.faults.titles[fault.code] : (words.sessions[state] ?? state)}
    </State>
  );
}
