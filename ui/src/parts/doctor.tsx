import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "react-aria-components";

import { titleOf, useFace } from "../face";
import { land } from "../focus";
import type { Formats } from "../formats";
import type { Asked } from "../pages/help";
import { useTask } from "../task";
import type { DoctorOutcome, DoctorStep } from "../wire";
import type { Words } from "../words";
import { Choice } from "./choice";
import { Fault } from "./fault";
import type { IconName } from "./icons";
import { State, type Tone } from "./state";
import { Theirs } from "./theirs";

const OUTCOMES: Record<DoctorOutcome, [IconName, Tone]> = {
  good: ["good", "good"],
  warning: ["warning", "notice"],
  failed: ["refused", "bad"],
  skipped: ["skipped", "quiet"],
};

/** The steps in which the identity provider speaks; in all others it is the server's side. */
const OF_IDP: readonly string[] = ["idp", "session", "assertion"];

/** The agent's check, each step as it comes. */
export function Doctor({ asked, taken }: { asked: Asked | null; taken: () => void }) {
  const { agent, status, words, formats } = useFace();
  const task = useTask();
  const [server, setServer] = useState("");
  const [steps, setSteps] = useState<readonly DoctorStep[]>([]);
  const [done, setDone] = useState(false);
  const place = useRef<HTMLHeadingElement>(null);
  const run = task.run;
  const start = useCallback(
    (server: string) =>
      run(async (signal) => {
        setSteps([]);
        setDone(false);
        await agent.doctor(server === "" ? null : server, (step) => setSteps((known) => [...known, step]), signal);
        setDone(!signal.aborted);
      }),
    [agent, run],
  );
  useEffect(() => {
    if (asked === null) return;
    taken();
    setServer(asked.server ?? "");
    start(asked.server ?? "");
    if (place.current !== null) land(place.current, asked.byKeys);
  }, [asked, taken, start]);
  const options = [{ id: "", text: words.help.everything }, ...status.servers.map((server) => ({ id: server.id, text: server.title }))];
  return (
    <section className="card" aria-labelledby="doctor">
      <h2 id="doctor" ref={place}>
        {words.help.doctor}
      </h2>
      <p>{words.help.doctorWhat}</p>
      <div className="filters">
        <Choice label={words.help.which} options={options} chosen={server} choose={setServer} disabled={task.busy} />
        <Button className="button button-main" data-busy={task.busy || undefined} onPress={() => start(server)}>
          {done ? words.help.startAgain : words.help.start}
        </Button>
      </div>
      <ol className="steps">
        {steps.map((step, at) => (
          <li key={at}>
            <Step step={step} />
          </li>
        ))}
      </ol>
      <p role="status">{task.busy ? words.help.running : done ? summary(steps, words, formats) : ""}</p>
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about={server === "" ? "doctor" : server} alert />}
    </section>
  );
}

/** What is not tried may be wrong all the same. */
function summary(steps: readonly DoctorStep[], words: Words, formats: Formats): string {
  const count = (...outcomes: DoctorOutcome[]) => steps.filter((step) => outcomes.includes(step.outcome)).length;
  const wrong = count("failed", "warning");
  if (wrong > 0) return words.help.bad(formats.number(wrong));
  const good = formats.number(count("good"));
  return count("skipped") > 0 ? words.help.goodInPart(good) : words.help.good(good);
}

/** What the agent found is in its own words, which are English. */
function Step({ step }: { step: DoctorStep }) {
  const { status, words, formats } = useFace();
  const [icon, tone] = OUTCOMES[step.outcome];
  const server = step.server ?? null;
  const title = server === null ? null : titleOf(status, server);
  // A step of a newer agent has its own words alone.
  const known = words.help.steps[step.step]?.(title ?? words.activity.someServer);
  const sent = step.sent ?? [];
  const found = step.found ?? "";
  const time = step.took_ms < 1000 ? `${formats.number(step.took_ms)} ms` : formats.span(step.took_ms);
  const took = step.outcome === "skipped" ? "" : words.help.took(time);
  return (
    <article className="step" aria-label={known ?? step.title}>
      <header className="card-head">
        <h3 lang={known === undefined ? "en" : undefined}>
          <bdi>{known ?? step.title}</bdi>
        </h3>
        <State icon={icon} tone={tone}>
          {words.help.outcomes[step.outcome]}
        </State>
      </header>
      {found !== "" && (
        <p lang="en" dir="ltr">
          {found}
        </p>
      )}
      {took !== "" && (
        <p className="hint">
          <bdi>{took}</bdi>
        </p>
      )}
      {typeof step.theirs === "string" && step.theirs !== "" && <Theirs whom={words.theirs(OF_IDP.includes(step.step) ? words.identityProvider : words.theServer)} text={step.theirs} />}
      {sent.length > 0 && (
        <details>
          <summary>{words.help.sent}</summary>
          <dl className="sent">
            {sent.map(([name, value]) => (
              <div key={name}>
                <dt className="code">{name}</dt>
                <dd className="code">
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {typeof step.who === "string" && (
        <p>
          <strong>{words.help.who}:</strong> <bdi lang="en">{step.who}</bdi>
        </p>
      )}
      {step.fault && <Fault problem={step.fault} status={status} words={words} formats={formats} about={server ?? step.step} />}
    </article>
  );
}
