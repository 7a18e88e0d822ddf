import { Meter as Base } from "react-aria-components";

type Given = { label: string; value: number; maximum: number; text: string; near?: boolean };

/** A bar beside words that say the same. */
export function Meter({ label, value, maximum, text, near = false }: Given) {
  const share = maximum > 0 ? Math.min(1, Math.max(0, value / maximum)) : 0;
  return (
    <Base className={near ? "meter meter-near" : "meter"} aria-label={label} value={Math.min(value, maximum)} maxValue={maximum} valueLabel={text}>
      <span className="meter-text">{text}</span>
      <span className="meter-track" aria-hidden="true">
        <span className="meter-fill" style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </Base>
  );
}
