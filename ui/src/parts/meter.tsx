import { Meter as Base } from "react-aria-components";

type Given = { label: string; value: number; maximum: number; text: string; note?: string | null };

/** A bar beside words that say the same; what is to be noted about it stands below. */
export function Meter({ label, value, maximum, text, note = null }: Given) {
  const share = maximum > 0 ? Math.min(1, Math.max(0, value / maximum)) : 0;
  const said = note === null ? text : `${text} · ${note}`;
  return (
    <Base className={note === null ? "meter" : "meter meter-near"} aria-label={label} value={Math.min(value, maximum)} maxValue={maximum} valueLabel={said}>
      <span className="meter-text">{text}</span>
      <span className="meter-track" aria-hidden="true">
        <span className="meter-fill" style={{ inlineSize: `${share * 100}%` }} />
      </span>
      {note !== null && <span className="meter-note">{note}</span>}
    </Base>
  );
}
