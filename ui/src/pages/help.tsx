import { useEffect, useState, type ReactNode } from "react";
import { Button } from "react-aria-components";

import type { Bundle, Versions } from "../agent";
import type { BundleFile, Saved } from "../documents";
import { setting, useFace } from "../face";
import { CopyReport } from "../parts/copy-report";
import { Doctor } from "../parts/doctor";
import { Fault } from "../parts/fault";
import { Moment } from "../parts/moment";
import { Settings } from "../parts/settings";
import { listReport } from "../report";
import { useTask } from "../task";
import { en } from "../words/en";

/** What to check, and whether keys asked. */
export type Asked = { server: string | null; byKeys: boolean };

/** What was asked for is taken once: whoever comes back later did not ask again. */
export function Help({ asked, taken }: { asked: Asked | null; taken: () => void }) {
  const { status, words } = useFace();
  return (
    <>
      <header className="page-head">
        <h1>{words.help.title}</h1>
      </header>
      <Support />
      <Doctor asked={asked} taken={taken} />
      <Diagnosis />
      <Settings />
      <Running />
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
          <CopyReport text={() => listReport(en.help.warnings, status.warnings, status, new Date())} name={words.help.warnings} words={words} />
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
    <section className="card support" aria-label={words.faults.ask}>
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
                <bdi className="code">{file.name}</bdi>: <About file={file} /> ({formats.bytes(file.bytes)})
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

function About({ file }: { file: BundleFile }) {
  const { words } = useFace();
  const known = words.help.about[file.name];
  return <bdi lang={known === undefined ? "en" : undefined}>{known ?? file.about}</bdi>;
}

function Running() {
  const { agent, status, words } = useFace();
  const [versions, setVersions] = useState<Versions | null>(null);
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
  const rows: [string, ReactNode, "long"?][] = [
    [words.help.agent, status.version],
    [words.help.window, versions?.window],
    [words.help.webview, versions?.webview],
    [words.help.system, versions?.system],
    [words.help.agentSince, <Moment time={status.agent.since} />],
    [words.help.loopback, status.doors.loopback],
    [words.help.socket, status.doors.socket, "long"],
  ];
  return (
    <section className="card" aria-labelledby="versions">
      <h2 id="versions">{words.help.versions}</h2>
      <dl className="facts">
        {rows.map(([name, value, length]) => (
          <div key={name} className={length}>
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
