import { useCallback, useEffect, useState } from "react";
import { Button, Checkbox } from "react-aria-components";

import { problem } from "../agent";
import { useNow } from "../clock";
import type { Client, Program } from "../documents";
import { titleOf, useFace } from "../face";
import { Fault } from "../parts/fault";
import { State } from "../parts/state";
import { programName } from "../programs";
import { useTask } from "../task";
import type { Problem } from "../wire";
import type { Words } from "../words";

export function Programs() {
  const { words } = useFace();
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{words.programs.title}</h1>
          <p className="lead">{words.programs.lead}</p>
        </div>
      </header>
      <Clients />
      <Used />
    </>
  );
}

function Clients() {
  const { agent, status, words, formats } = useFace();
  const [clients, setClients] = useState<Client[] | null>(null);
  const [fault, setFault] = useState<Problem | null>(null);
  const [all, setAll] = useState(false);
  const [said, say] = useState("");
  const look = useCallback(async () => {
    try {
      setClients(await agent.clients());
      setFault(null);
    } catch (why) {
      setFault(problem(why));
    }
  }, [agent]);
  useEffect(() => void look(), [look]);
  const shown = (clients ?? []).filter((client) => all || client.installed || client.servers.length > 0);
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">{words.programs.clients}</h2>
      <p className="hint">{words.programs.clientsHint}</p>
      {fault !== null && <Fault problem={fault} status={status} words={words} formats={formats} about="setup" alert />}
      {clients === null && fault === null && <p role="status">{words.programs.looking}</p>}
      {status.servers.length === 0 ? (
        <p className="empty">{words.programs.needsServers}</p>
      ) : (
        clients !== null && shown.length === 0 && <p className="empty">{words.programs.noneHere}</p>
      )}
      <ul className="cards">
        {shown.map((client) => (
          <li key={client.name}>
            <ClientCard client={client} look={look} say={say} />
          </li>
        ))}
      </ul>
      <p role="status">{said}</p>
      {clients !== null && (
        <Checkbox className="check" isSelected={all} onChange={setAll}>
          <span className="check-box" aria-hidden="true" />
          {words.programs.showAll}
        </Checkbox>
      )}
    </section>
  );
}

type ClientGiven = { client: Client; look: () => Promise<void>; say: (sentence: string) => void };

function ClientCard({ client, look, say }: ClientGiven) {
  const { agent, status, words, formats } = useFace();
  const task = useTask();
  const isSetUp = client.servers.length > 0;
  const act = () =>
    task.run(async () => {
      await (isSetUp ? agent.remove(client.name) : agent.setUp(client.name));
      await look();
      say(isSetUp ? words.programs.removed(client.title) : words.programs.done(client.title));
    });
  const unreadable = client.fault === null ? null : fileFault(client.fault, words);
  const heading = `client-${client.name}`;
  return (
    <article className="card client" aria-labelledby={heading}>
      <header className="card-head">
        <div>
          <h3 id={heading}>{client.title}</h3>
          <p className="hint">
            {client.installed ? words.programs.here : words.programs.notHere}
            {client.version !== null && (
              <>
                {" · "}
                <bdi>{client.version}</bdi>
              </>
            )}
            {" · "}
            {words.programs.doors[client.door] ?? client.door}
          </p>
        </div>
        <div className="row">
          <State icon={isSetUp ? "good" : "idle"} tone={isSetUp ? "good" : "quiet"}>
            {isSetUp ? words.programs.isSetUp : words.programs.notSetUp}
          </State>
          <Button
            className={isSetUp ? "button" : "button button-main"}
            data-busy={task.busy || undefined}
            isDisabled={!isSetUp && status.servers.length === 0}
            aria-label={isSetUp ? words.programs.removeOf(client.title) : words.programs.setUpOf(client.title)}
            onPress={act}
          >
            {isSetUp ? words.programs.remove : words.programs.setUp}
          </Button>
        </div>
      </header>
      <div>
        {isSetUp && (
          <p>
            <bdi>{words.programs.uses(formats.list(client.servers.map((id) => titleOf(status, id))))}</bdi>
          </p>
        )}
        {client.file !== null && (
          <p className="hint">
            {words.programs.file}: <bdi className="code">{client.file}</bdi>
          </p>
        )}
      </div>
      {unreadable !== null && <Fault problem={unreadable} sentences={unreadable} status={status} words={words} formats={formats} about={client.name} />}
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about={client.name} alert />}
    </article>
  );
}

function fileFault(detail: string, words: Words): Problem {
  const { unreadable: title, unreadableAction: action } = words.programs;
  return { ...problem(null), title, detail, action };
}

function Used() {
  const { words, programs } = useFace();
  return (
    <section aria-labelledby="used">
      <h2 id="used">{words.programs.used}</h2>
      {programs.length === 0 && <p className="empty">{words.programs.usedEmpty}</p>}
      <ul className="cards">
        {programs.map((program) => (
          <li key={`${program.has_key} ${program.name}`}>
            <Entry program={program} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Entry({ program }: { program: Program }) {
  const { agent, status, words, formats, refresh } = useFace();
  const task = useTask();
  const now = useNow(60_000);
  const name = programName(program.name);
  const remove = () =>
    task.run(async () => {
      await agent.removeKey(program.name);
      refresh();
    });
  const used = program.last_used ?? null;
  const made = program.created ?? null;
  return (
    <article className="card" aria-label={name}>
      <header className="card-head">
        <div>
          <h3>
            <bdi>{name}</bdi>
          </h3>
          {!program.has_key && (
            <p className="hint">
              <bdi className="code">{program.name}</bdi>
            </p>
          )}
        </div>
        {program.has_key && (
          <Button className="button" data-busy={task.busy || undefined} aria-label={words.programs.removeKeyOf(name)} onPress={remove}>
            {words.programs.removeKey}
          </Button>
        )}
      </header>
      <dl className="facts">
        <div>
          <dt>{words.programs.lastUsed}</dt>
          <dd>{used === null ? words.never : <time dateTime={used}>{formats.relative(used, now)}</time>}</dd>
        </div>
        <div>
          <dt>{words.programs.serversToday}</dt>
          <dd>
            <bdi>{program.servers_today.length > 0 ? formats.list(program.servers_today.map((id) => titleOf(status, id))) : words.none}</bdi>
          </dd>
        </div>
        <div>
          <dt>{words.programs.door}</dt>
          <dd>{program.has_key ? words.programs.hasKey : words.programs.noKey}</dd>
        </div>
        {made !== null && (
          <div>
            <dt>{words.programs.keyMade}</dt>
            <dd>{formats.moment(made)}</dd>
          </div>
        )}
      </dl>
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about={name} alert />}
    </article>
  );
}
