import type { ReactNode } from "react";

import { isGeneric } from "../generic";
import { report } from "../report";
import type { Code, Problem, Status } from "../wire";
import type { Formats } from "../formats";
import type { Words } from "../words";
import type { FaultWords } from "../words/en-faults";
import { CopyReport } from "./copy-report";
import { Icon } from "./icons";

type Given = {
  problem: Problem;
  status: Status | null;
  words: Words;
  formats: Formats;
  /** What it is about: a server's id, a program. */
  about?: string;
  /** Its sentences, where they are not those of its code; what happened is then told in the agent's English. */
  sentences?: FaultWords;
  /** What happened, where more is known than its code tells. */
  detail?: string;
  /** What a person can press. */
  children?: ReactNode;
  /** Whether it came just now, and is to be read out. */
  alert?: boolean;
};

/** What waits for something that will come is no alarm. */
const CALM: readonly Code[] = [
  "not-configured",
  "sign-in-required",
  "step-up-required",
  "sign-in-in-progress",
  "vault-locked",
  "vault-unavailable",
  "idp-unreachable",
  "server-unreachable",
  "idp-throttled",
  "busy",
];

const AS_WRITTEN = { lang: "en", dir: "ltr" } as const;

/** A fault: what happened, what to do, whom to ask, and a report to hand on. */
export function Fault({ problem, status, words, formats, about, sentences, detail, children, alert = false }: Given) {
  const known = sentences ?? words.faults.defects[problem.title];
  // Its code tells nothing, so that whoever knew more wrote sentences for this one fault: in English, as all of the agent's.
  const isSpecial = known === undefined && problem.code === "internal" && !isGeneric(problem);
  const said = known ?? (isSpecial ? problem : words.faults.words(problem));
  const english = isSpecial ? AS_WRITTEN : {};
  return (
    <div className={CALM.includes(problem.code) ? "fault fault-notice" : "fault"} role={alert ? "alert" : undefined}>
      <p className="fault-title">
        <Icon name="warning" />
        <strong {...english}>{said.title}</strong>
      </p>
      <p {...(sentences === undefined ? english : AS_WRITTEN)}>{detail ?? said.detail}</p>
      <dl className="fault-rows">
        <dt>{words.faults.do}</dt>
        <dd {...english}>{said.action}</dd>
        <dt>{words.faults.ask}</dt>
        <dd>
          <bdi>{words.faults.contact(problem.contact)}</bdi>
        </dd>
      </dl>
      {problem.retry === "after" && typeof problem.retry_after === "number" && problem.retry_after > 0 && (
        <p>{words.faults.retryAfter(formats.span(problem.retry_after * 1000))}</p>
      )}
      {!words.faults.areOriginal && sentences === undefined && !isSpecial && (
        <details open={!isGeneric(problem)}>
          <summary>{words.faults.original}</summary>
          <p lang="en" dir="ltr">
            {problem.detail} {problem.action}
          </p>
        </details>
      )}
      <CopyReport text={() => report(problem, status, about ?? null, new Date())} name={said.title} words={words}>
        {children}
      </CopyReport>
    </div>
  );
}
