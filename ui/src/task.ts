import { useCallback, useEffect, useRef, useState } from "react";

import { problem } from "./agent";
import type { Problem } from "./wire";

export type Task = {
  busy: boolean;
  fault: Problem | null;
  /** Runs it; what it rejects with becomes the fault. */
  run: (work: (signal: AbortSignal) => Promise<void>) => void;
};

/** One thing at a time that a person asked for; its signal tells that the place it was asked at is gone. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem | null>(null);
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
    setFault(null);
    const over = (fault: Problem | null) => {
      if (underWay.current !== own) return;
      underWay.current = null;
      setBusy(false);
      setFault(fault);
    };
    work(own.signal).then(
      () => over(null),
      (why: unknown) => over(problem(why)),
    );
  }, []);
  return { busy, fault, run };
}
