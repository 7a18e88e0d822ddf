import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components";

import { copied, report } from "../report";
import type { Code, Problem, Status } from "../wire";
import type { Formats } from "../formats";
import type { Words } from "../words";
import type { FaultWords } from "../words/en";
import { Icon } from "./icons";

type Given = {
  problem: Problem;
  status: Status | null;
  words: Words;
  formats: Formats;
  /** What it is about: a server's id, a program. */
  about?: string;
  /** Its sentences, where they are not those of its code. */
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

/** A fault: what happened, what to do, whom to ask, and a report to hand on. */
export function Fault({ problem, status, words, formats, about, sentences, detail, children, alert = false }: Given) {
  const [copy, setCopy] = useState<"not" | "done" | "by-hand">("not");
  const said = sentences ?? words.faults.words(problem);
  const text = () => report(problem, status, about ?? null, new Date());
  const onPress = () => void copied(text()).then((done) => setCopy(done ? "done" : "by-hand"));
  return (
    <div className={CALM.includes(problem.code) ? "fault fault-notice" : "fault"} role={alert ? "alert" : undefined}>
      <p className="fault-title">
        <Icon name="warning" />
        <strong>{said.title}</strong>
      </p>
      <p>{detail ?? said.detail}</p>
      <dl className="fault-rows">
        <dt>{words.faults.do}</dt>
        <dd>{said.action}</dd>
        <dt>{words.faults.ask}</dt>
        <dd>
          <bdi>{words.faults.contact(problem.contact)}</bdi>
        </dd>
      </dl>
      {problem.retry === "after" && typeof problem.retry_after === "number" && problem.retry_after > 0 && (
        <p>{words.faults.retryAfter(formats.span(problem.retry_after * 1000))}</p>
      )}
      {!words.faults.areOriginal && sentences === undefined && (
        <details>
          <summary>{words.faults.original}</summary>
          <p lang="en" dir="ltr">
            {problem.detail} {problem.action}
          </p>
        </details>
      )}
      <div className="row">
        {children}
        <Button className="button" onPress={onPress}>
          <Icon name="copy" />
          {words.faults.copy}
        </Button>
        <span role="status">{copy === "done" ? words.faults.copied : copy === "by-hand" ? words.faults.notCopied : ""}</span>
      </div>
      {copy === "by-hand" && <textarea className="report" readOnly rows={8} value={text()} aria-label={words.faults.report} onFocus={(event) => event.currentTarget.select()} />}
    </div>
  );
}
