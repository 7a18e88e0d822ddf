import type { ReactNode } from "react";
import { Button } from "react-aria-components";

import { isForbidden, useFace } from "../face";
import { Fault } from "../parts/fault";
import { Managed } from "../parts/managed";
import { Moment } from "../parts/moment";
import { SignInPanel } from "../parts/sign-in";
import { SessionState } from "../parts/state";
import { useTask } from "../task";

export function Account() {
  const { status, words } = useFace();
  const { account } = status.session;
  return (
    <>
      <header className="page-head">
        <h1>{words.account.title}</h1>
        <Managed name="Issuer" />
      </header>
      <SignInPanel />
      {account !== null && <Who />}
      <Pause />
      {account !== null && <SignOut />}
    </>
  );
}

function Who() {
  const { status, words } = useFace();
  const { account, since, renews_at: renews, state } = status.session;
  if (account === null) return null;
  return (
    <section className="card" aria-labelledby="who">
      <header className="card-head">
        <h2 id="who">
          <bdi>{account.name ?? account.email ?? account.subject}</bdi>
        </h2>
        <SessionState status={status} words={words} />
      </header>
      <dl className="facts">
        <Fact name={words.account.email}>{account.email ?? words.unknown}</Fact>
        <Fact name={words.account.subject}>{account.subject}</Fact>
        <Fact name={words.account.since}><Moment time={since} /></Fact>
        <Fact name={state === "waiting" ? words.account.nextTry : words.account.renews}><Moment time={renews} /></Fact>
        <Fact name={words.account.kept}>
          {words.account.vaults[status.vault.kind] ?? status.vault.kind}
          {status.vault.state === "open" ? "" : ` (${words.account.vaultStates[status.vault.state] ?? status.vault.state})`}
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

function Pause() {
  const { agent, status, words, formats } = useFace();
  const paused = status.agent.paused;
  const task = useTask(paused);
  return (
    <section className="card" aria-labelledby="access">
      <h2 id="access">{words.account.access}</h2>
      <p>{paused ? words.account.pausedWhat : status.agent.screen_locked ? words.account.lockedWhat : words.account.servesWhat}</p>
      <div className="row">
        <Button className={paused ? "button button-main" : "button"} data-busy={task.busy || undefined} onPress={() => task.run(() => (paused ? agent.resume() : agent.pause()))}>
          {paused ? words.account.resume : words.account.pause}
        </Button>
        {!paused && <span className="hint">{words.account.pauseWhat}</span>}
      </div>
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about="pause" alert />}
    </section>
  );
}

function SignOut() {
  const { agent, status, words, formats, policy } = useFace();
  const task = useTask(status.session.state);
  const forbidden = isForbidden(policy, "AllowSignOut");
  return (
    <section className="card" aria-labelledby="sign-out">
      <h2 id="sign-out">{words.signIn.signOut}</h2>
      <p>{forbidden ? words.signIn.notAllowed : words.signIn.signOutWhat}</p>
      {forbidden ? (
        <Managed name="AllowSignOut" />
      ) : (
        <div className="row">
          <Button className="button" data-busy={task.busy || undefined} onPress={() => task.run(() => agent.signOut())}>
            {words.signIn.signOut}
          </Button>
        </div>
      )}
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about="sign-out" alert />}
    </section>
  );
}
