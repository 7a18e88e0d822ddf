import { useState } from "react";
import { Button } from "react-aria-components";

import { useNow } from "../clock";
import { useFace } from "../face";
import { lastServed, longestLife, usedToday } from "../programs";
import { useTask } from "../task";
import type { ServerStatus } from "../wire";
import { Fault } from "./fault";
import { Meter } from "./meter";
import { ServerState } from "./state";

/** From here on the licence's calls count as nearly used up, as the agent warns. */
const NEAR = 0.8;

export function ServerCard({ server }: { server: ServerStatus }) {
  const { agent, status, words, formats, programs, audit, refresh, check } = useFace();
  const about = `${server.state} ${server.fault?.code ?? ""}`;
  const retry = useTask(about);
  const signIn = useTask(about);
  const [retried, setRetried] = useState(false);
  const now = useNow(60_000);
  const today = usedToday(programs, server.id);
  // An agent that started again knows of earlier uses from its record alone.
  const lastUsed = server.last_used ?? lastServed(audit, server.id);
  const fault = retry.fault ?? signIn.fault ?? server.fault;
  const heading = `server-${server.id}`;
  const tryAgain = () =>
    retry.run(async () => {
      await agent.retry(server.id);
      setRetried(true);
      refresh();
    });
  const why = (look: string) => (
    <Button className={look} aria-label={words.servers.whyOf(server.title)} onPress={() => check(server.id)}>
      {words.servers.why}
    </Button>
  );
  return (
    <article className="card server" aria-labelledby={heading}>
      <header className="card-head">
        <div>
          <h2 id={heading}>
            <bdi>{server.title}</bdi>
          </h2>
          <p className="address">
            <bdi>{server.url}</bdi>
          </p>
        </div>
        <div className="row">
          <ServerState state={server.state} words={words} />
          {fault === null && why("button button-small")}
        </div>
      </header>
      <dl className="facts">
        <div>
          <dt>{words.servers.lastUsed}</dt>
          <dd>{lastUsed === null ? words.never : <time dateTime={lastUsed}>{formats.relative(lastUsed, now)}</time>}</dd>
        </div>
        <div>
          <dt>{words.servers.usedToday}</dt>
          <dd>
            <bdi>{today.length > 0 ? formats.list(today) : words.none}</bdi>
          </dd>
        </div>
        <div>
          <dt>{words.servers.scopes}</dt>
          <dd>{server.scope === null || server.scope === "" ? words.unknown : <Scopes scope={server.scope} />}</dd>
        </div>
        <div>
          <dt>{words.servers.token}</dt>
          <dd>
            <Life server={server} />
          </dd>
        </div>
        <div>
          <dt>{words.servers.calls}</dt>
          <dd>
            <Calls server={server} />
          </dd>
        </div>
      </dl>
      {fault !== null && (
        <Fault problem={fault} status={status} words={words} formats={formats} about={server.id} alert={server.fault !== fault}>
          {server.state === "needs-user" && (
            <Button className="button button-main" aria-label={words.servers.signInOf(server.title)} data-busy={signIn.busy || undefined} onPress={() => signIn.run(() => agent.signIn(server.id))}>
              {words.signIn.signIn}
            </Button>
          )}
          {server.fault !== null && (
            <Button className="button" aria-label={words.servers.retryOf(server.title)} data-busy={retry.busy || undefined} onPress={tryAgain}>
              {words.servers.retry}
            </Button>
          )}
          {why("button")}
        </Fault>
      )}
      <p role="status">{retried && server.fault === null ? words.servers.retried : ""}</p>
    </article>
  );
}

function Scopes({ scope }: { scope: string }) {
  return (
    <ul className="tags">
      {scope.split(" ").map((word) => (
        <li key={word} className="code">
          <bdi>{word}</bdi>
        </li>
      ))}
    </ul>
  );
}

/** A token's life running down; it ticks only while there is one. */
function Life({ server }: { server: ServerStatus }) {
  const { words, formats, audit } = useFace();
  const end = server.expires_at === null ? null : Date.parse(server.expires_at);
  const [over, setOver] = useState<number | null>(null);
  const now = useNow(end === null || over === end ? null : 1000);
  if (end === null || now >= end) {
    if (end !== null && over !== end) setOver(end);
    return <>{words.servers.tokenNone}</>;
  }
  const left = end - now;
  const whole = Math.max(left, (longestLife(audit, server.id) ?? 0) * 1000);
  return <Meter label={`${words.servers.token}: ${server.title}`} value={left} maximum={whole} text={words.servers.tokenLeft(formats.span(left))} />;
}

function Calls({ server }: { server: ServerStatus }) {
  const { words, formats } = useFace();
  const { mints_this_month: used, mint_budget: budget } = server;
  if (budget === 0) return <>{words.servers.callsNoLimit(formats.number(used))}</>;
  const text = words.servers.callsOf(formats.number(used), formats.number(budget));
  const note = used > budget ? words.servers.callsOver : used >= budget * NEAR ? words.servers.callsNear : null;
  return <Meter label={`${words.servers.calls}: ${server.title}`} value={used} maximum={budget} text={text} note={note} />;
}
