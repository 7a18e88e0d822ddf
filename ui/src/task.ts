import { useCallback, useEffect, useRef, useState } from "react";

import { problem } from "./agent";
import type { Problem } from "./wire";

export type Task = {
  busy: boolean;
  fault: Problem | null;
  /** Runs it; what it rejects with becomes the fault. */
  run: (work: (signal: AbortSignal) => Promise<void>) => void;
};

/** What a fault is about: as it was before the attempt, and as it is since. */
type Failed = { fault: Problem; before: About; since: About };
type About = string | boolean;

/**
 * One thing at a time that a person asked for; its signal tells that the place it was asked at is gone.
 * Its fault is dropped when `about`, the state that it is about, changes.
 */
export function useTask(about: About = ""): Task {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const latest = useRef(about);
  useEffect(() => {
    latest.current = about;
  }, [about]);
  // The fault may be told before the state is back where the attempt began: that way back is no change.
  if (failed !== null && failed.since !== about) setFailed(failed.before === about ? { ...failed, since: about } : null);
  const underWay = useRef<AbortController | null>(null);
  useEffect(
    () => () => {
      underWay.current?.abort();
      underWay.current = null;
    },
    [],
  );
  const run = useCallback((work: (signal: AbortSignal) => Promise<void>) => {
    if (underWay.current !== null) return;
    const own = new AbortController();
    underWay.current = own;
    setBusy(true);
    setFailed(null);
    const before = latest.current;
    const over = (fault: Problem | null) => {
      if (underWay.current !== own) return;
      underWay.current = null;
      setBusy(false);
      setFailed(fault === null ? null : { fault, before, since: latest.current });
    };
    work(own.signal).then(
      () => over(null),
      (why: unknown) => over(problem(why)),
    );
  }, []);
  return { busy, fault: failed?.fault ?? null, run };
}
