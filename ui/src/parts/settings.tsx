import { useState } from "react";
import { Checkbox } from "react-aria-components";

import type { PolicyRow } from "../documents";
import { useFace } from "../face";
import { listReport } from "../report";
import { en } from "../words/en";
import { CopyReport } from "./copy-report";
import { Managed } from "./managed";

/** What the organisation set, and where each setting stands. */
export function Settings() {
  const { policy, words } = useFace();
  const [all, setAll] = useState(false);
  if (policy === null) return null;
  const rows = policy.settings.filter((row) => all || row.origin !== "default" || row.fault !== null);
  const faults = policy.faults;
  const origins = new Set(policy.settings.map((row) => row.origin).filter((origin) => origin !== "default"));
  return (
    <section className="card" aria-labelledby="settings">
      <header className="card-head">
        <h2 id="settings">{words.help.managed}</h2>
        <Managed />
      </header>
      <p>{words.help.managedWhat}</p>
      {faults.length > 0 && (
        <>
          <h3>{words.help.faults}</h3>
          <PolicyFaults />
        </>
      )}
      <table className="settings">
        <thead>
          <tr>
            <th scope="col">{words.help.setting}</th>
            <th scope="col">{words.help.value}</th>
            <th scope="col">{words.help.source}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row" className="code">
                {row.name}
              </th>
              <td>
                <bdi>{text(row, words)}</bdi>
              </td>
              <td className="hint">
                {row.origin === "default" ? words.help.default : <bdi title={row.origin}>{origins.size === 1 ? fileName(row.origin) : row.origin}</bdi>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Checkbox className="check" isSelected={all} onChange={setAll}>
        <span className="check-box" aria-hidden="true" />
        {words.help.defaults}
      </Checkbox>
      {policy.unknown.length > 0 && (
        <>
          <h3>{words.help.unknownNames}</h3>
          <ul>
            {policy.unknown.map((name) => (
              <li key={`${name.origin} ${name.name}`}>
                <bdi className="code">{name.name}</bdi> (<bdi>{name.origin}</bdi>){name.nearest !== null && <> {words.help.nearest(name.nearest)}</>}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** What is wrong with the policy, for whoever can mend it. */
export function PolicyFaults() {
  const { policy, status, words } = useFace();
  const faults = policy?.faults ?? [];
  const sentences = () => faults.map(({ setting, message, origin }) => `${setting === null ? "" : `${setting}: `}${message} (${origin})`);
  return (
    <>
      <ul className="fault">
        {faults.map((fault) => (
          <li key={`${fault.origin} ${fault.setting ?? ""} ${fault.message}`}>
            {fault.setting !== null && <strong className="code">{fault.setting}: </strong>}
            <bdi lang="en">{fault.message}</bdi> <bdi className="hint">({fault.origin})</bdi>
          </li>
        ))}
      </ul>
      <CopyReport text={() => listReport(en.help.faults, sentences(), status, new Date())} name={words.help.faults} words={words} />
    </>
  );
}

/** The last part of a file's path; what is no file keeps its whole name. */
function fileName(origin: string): string {
  return /^(?:\/|[A-Za-z]:\\).*[/\\]([^/\\]+)$/u.exec(origin)?.[1] ?? origin;
}

function text(row: PolicyRow, words: { yes: string; no: string; none: string; unknown: string }): string {
  const { value } = row;
  if (value === null || value === undefined) return words.none;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value.length > 0 ? value.join(", ") : words.none;
  // Of many with much in each, the names: `lanyard policy --json` shows the rest.
  return typeof value === "object" && !Array.isArray(value) ? Object.keys(value).join(", ") : JSON.stringify(value);
}
