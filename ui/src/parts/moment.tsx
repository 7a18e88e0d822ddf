import { useNow } from "../clock";
import { useFace } from "../face";

/** A day and a time, and how far away that is. */
export function Moment({ time }: { time: string | null }) {
  const { words, formats } = useFace();
  const now = useNow(60_000);
  if (time === null) return <>{words.unknown}</>;
  return (
    <time dateTime={time}>
      {formats.moment(time)} <span className="hint moment-distance">{formats.relative(time, now)}</span>
    </time>
  );
}
