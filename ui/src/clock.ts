import { useEffect, useState } from "react";

/**
 * The time now, told again every so many milliseconds; only with what else changes without a period.
 * It is never older than what is shown: what just happened would lie in the future.
 */
export function useNow(period: number | null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (period === null) return;
    const timer = setInterval(() => tick((count) => count + 1), period);
    return () => clearInterval(timer);
  }, [period]);
  return Date.now();
}
