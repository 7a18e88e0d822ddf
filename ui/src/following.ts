// What the window knows, kept fresh: Status as the agent sends it, the rest asked for when Status moves.

import { useCallback, useEffect, useState } from "react";

import type { Agent } from "./agent";
import type { PolicyReport, Program } from "./documents";
import type { AuditEvent, Problem, Status } from "./wire";

/** How often it asks for what Status does not tell. */
const PERIOD = 10_000;
/** How long the last Status is shown after the agent stopped answering: an update starts it again within seconds. */
const GRACE = 10_000;
/** The agent itself keeps as many events. */
export const EVENTS = 1000;

type Told = {
  /** Undefined before the first answer, null while no agent answers. */
  status: Status | null | undefined;
  /** Whether the agent no longer answers, so that this is how things were. */
  isOld: boolean;
  /** Why no agent answers, where more is known than that none runs. */
  why: Problem | null;
};

export type Known = Told & {
  policy: PolicyReport | null;
  programs: readonly Program[];
  audit: readonly AuditEvent[];
  refresh: () => void;
};

export function useFollowing(agent: Agent): Known {
  const told = useTold(agent);
  const { status } = told;
  const [policy, setPolicy] = useState<PolicyReport | null>(null);
  const [programs, setPrograms] = useState<readonly Program[]>([]);
  const [audit, setAudit] = useState<readonly AuditEvent[]>([]);
  const [asked, setAsked] = useState(0);
  const refresh = useCallback(() => setAsked((times) => times + 1), []);

  useEffect(() => {
    const timer = setInterval(refresh, PERIOD);
    return () => clearInterval(timer);
  }, [refresh]);

  const pid = status?.agent.pid ?? null;
  // Its hash is of what applies: faults and places change without it.
  const known = JSON.stringify(status?.policy);
  useEffect(() => {
    if (known === undefined) return;
    return whileHere(agent.policy(), setPolicy);
  }, [agent, pid, known]);

  useEffect(() => {
    if (status === null || status === undefined) return;
    const last = audit.at(-1)?.id ?? 0;
    const ends = [
      whileHere(agent.programs(), setPrograms),
      whileHere(agent.audit(last), (events) => {
        if (events.length > 0) setAudit((known) => merged(known, events));
      }),
    ];
    return () => ends.forEach((end) => end());
    // The events known are what the question is about, not a reason to ask again.
  }, [agent, status, asked]);

  return { ...told, policy, programs, audit, refresh };
}

function useTold(agent: Agent): Told {
  const [told, setTold] = useState<Told>({ status: undefined, isOld: false, why: null });
  useEffect(
    () =>
      agent.follow((status, why) =>
        setTold((before) => {
          const last = status ?? before.status ?? null;
          return { status: last, isOld: status === null && last !== null, why };
        }),
      ),
    [agent],
  );
  useEffect(() => {
    if (!told.isOld) return;
    const timer = setTimeout(() => setTold((now) => (now.isOld ? { ...now, status: null, isOld: false } : now)), GRACE);
    return () => clearTimeout(timer);
  }, [told.isOld]);
  return told;
}

/** Known and new events, each once, oldest first, no more than the agent keeps. */
export function merged(known: readonly AuditEvent[], events: readonly AuditEvent[]): AuditEvent[] {
  const byId = new Map([...known, ...events].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => a.id - b.id).slice(-EVENTS);
}

/** What fails here is seen in Status, which knows better why. */
function whileHere<T>(answer: Promise<T>, take: (value: T) => void): () => void {
  let here = true;
  answer.then(
    (value) => here && take(value),
    () => undefined,
  );
  return () => {
    here = false;
  };
}
