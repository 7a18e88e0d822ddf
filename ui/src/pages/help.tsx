import { useEffect, useState } from "react";
import { Button } from "react-aria-components";

import type { Bundle, Versions } from "../agent";
import { useNow } from "../clock";
import type { Saved } from "../documents";
import { setting, useFace } from "../face";
import { Doctor } from "../parts/doctor";
import { Fault } from "../parts/fault";
import { Settings } from "../parts/settings";
import { useTask } from "../task";

/** What to check, and which asking this is: the same server asked again is checked again. */
export type Asked = { server: string | null; number: number };

export function Help({ asked }: { asked: Asked | null }) {
  const { status, words } = useFace();
  return (
    <>
      <header className="page-head">
        <h1>{words.help.title}</h1>
      </header>
      <Support />
      <Doctor asked={asked} />
      <Diagnosis />
      <Settings />
      <About />
      {status.warnings.length > 0 && (
        <section className="card" aria-labelledby="warnings">
          <h2 id="warnings">{words.help.warnings}</h2>
          <ul>
            {status.warnings.map((warning) => (
              <li key={warning} lang="en" dir="ltr">
                {warning}
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Support() {
  const { agent, policy, status, words, formats } = useFace();
  const task = useTask();
  const contact = setting(policy, "SupportContact") ?? words.faults.contact("your IT support");
  return (
    <section className="card card-head" aria-label={words.faults.ask}>
      <p>
        <bdi>{words.help.ask(contact)}</bdi>
      </p>
      {setting(policy, "SupportUrl") !== null && (
        <Button className="button" data-busy={task.busy || undefined} onPress={() => task.run(() => agent.openSupport())}>
          {words.help.support}
        </Button>
      )}
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about="support" alert />}
    </section>
  );
}

/** Listed first, and written only then. */
function Diagnosis() {
  const { agent, status, words, formats } = useFace();
  const task = useTask();
  const [listed, setListed] = useState<Bundle | null>(null);
  const [saved, setSaved] = useState<Saved | null>(null);
  const list = () =>
    task.run(async () => {
      setSaved(null);
      setListed(await agent.diagnostics());
    });
  return (
    <section className="card" aria-labelledby="diagnostics">
      <h2 id="diagnostics">{words.help.diagnostics}</h2>
      <p>{words.help.diagnosticsWhat}</p>
      {listed !== null && (
        <div>
          <h3>{words.help.files}</h3>
          <ul>
            {(saved ?? listed).files.map((file) => (
              <li key={file.name}>
                <bdi className="code">{file.name}</bdi>: <bdi>{file.about}</bdi> ({formats.bytes(file.bytes)})
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="row">
        {listed === null ? (
          <Button className="button" data-busy={task.busy || undefined} onPress={list}>
            {words.help.list}
          </Button>
        ) : (
          <Button className="button button-main" data-busy={task.busy || undefined} onPress={() => task.run(async () => setSaved(await agent.saveDiagnostics()))}>
            {words.help.save}
          </Button>
        )}
      </div>
      <p role="status">
        {saved !== null && (
          <>
            {words.help.saved} <bdi className="code">{saved.file}</bdi>
          </>
        )}
      </p>
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about="diagnostics" alert />}
    </section>
  );
}

function About() {
  const { agent, status, words, formats } = useFace();
  const [versions, setVersions] = useState<Versions | null>(null);
  const now = useNow(60_000);
  useEffect(() => {
    let here = true;
    agent.versions().then(
      (versions) => here && setVersions(versions),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, [agent]);
  const rows: [string, string | null][] = [
    [words.help.agent, status.version],
    [words.help.window, versions?.window ?? null],
    [words.help.webview, versions?.webview ?? null],
    [words.help.system, versions?.system ?? null],
    [words.help.agentSince, status.agent.since === null ? null : `${formats.moment(status.agent.since)} (${formats.relative(status.agent.since, now)})`],
    [words.help.socket, status.doors.socket],
    [words.help.loopback, status.doors.loopback],
  ];
  return (
    <section className="card" aria-labelledby="versions">
      <h2 id="versions">{words.help.versions}</h2>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value ?? words.unknown}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
