import { useCallback, useEffect, useRef, useState } from "react";

import { problem } from "./agent";
import type { Problem } from "./wire";

export type Task = {
  busy: boolean;
  fault: Problem | null;
  /** Runs it; what it rejects with becomes the fault. */
  run: (work: () => Promise<void>) => void;
};

/** One thing at a time that a person asked for. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem | null>(null);
  const underWay = useRef(false);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const run = useCallback((work: () => Promise<void>) => {
    if (underWay.current) return;
    underWay.current = true;
    setBusy(true);
    setFault(null);
    const over = (fault: Problem | null) => {
      underWay.current = false;
      if (!here.current) return;
      setBusy(false);
      setFault(fault);
    };
    work().then(
      () => over(null),
      (why: unknown) => over(problem(why)),
    );
  }, []);
  return { busy, fault, run };
}
