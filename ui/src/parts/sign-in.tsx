import { Button } from "react-aria-components";

import { useFace } from "../face";
import { useTask } from "../task";
import type { Status } from "../wire";
import type { Words } from "../words";
import { Fault } from "./fault";

/** The states that a person's sign-in ends. */
const ENDED_BY_SIGN_IN = ["signed-out", "needs-user", "vault-closed"];

/** What the sign-in needs of the person; nothing while it needs nothing. */
export function SignInPanel() {
  const { agent, status, words, formats } = useFace();
  const { state, reason: why, fault } = status.session;
  const signIn = useTask(state);
  const ended = ENDED_BY_SIGN_IN.includes(state);
  if (!ended && state !== "signing-in" && fault === null) return null;
  // A keychain that is being opened may hold a session still.
  const opening = state === "vault-closed" && why === "opening";
  const reason = reasonOf(status, words) ?? goesOn(status, words);
  const button = ended && !opening && (
    <Button className="button button-main" data-busy={signIn.busy || undefined} onPress={() => signIn.run(() => agent.signIn(null))}>
      {signInWord(status, words)}
    </Button>
  );
  return (
    <section className={fault === null ? "card" : undefined} aria-label={words.account.session}>
      {state === "signing-in" && <p role="status">{words.signIn.browser}</p>}
      {fault !== null && (
        <Fault problem={fault} {...(reason === undefined ? {} : { detail: reason })} status={status} words={words} formats={formats} about="session">
          {button}
        </Fault>
      )}
      {fault === null && ended && (
        <>
          <h2>{state === "signed-out" ? words.account.nobody : words.sessions[state]}</h2>
          {reason !== undefined && <p>{reason}</p>}
          {state === "signed-out" && <p className="hint">{words.account.nobodyLead}</p>}
          {button !== false && <div className="row">{button}</div>}
        </>
      )}
      {signIn.fault !== null && <Fault problem={signIn.fault} status={status} words={words} formats={formats} about="sign-in" alert />}
    </section>
  );
}

function reasonOf(status: Status, words: Words): string | undefined {
  const { reason, state } = status.session;
  return reason === null || state === "signing-in" ? undefined : words.reasons[reason];
}

/** What was fetched before the identity provider went away lasts on, so both are true. */
function goesOn({ session, servers }: Status, words: Words): string | undefined {
  if (session.state !== "waiting" || session.fault === null || !servers.some((server) => server.state === "ready")) return undefined;
  return `${words.faults.words(session.fault).detail} ${words.account.goesOn}`;
}

export function signInWord(status: Status, words: Words): string {
  if (status.session.state === "needs-user") return words.signIn.confirm;
  return status.session.reason === "never" ? words.signIn.signIn : words.signIn.again;
}
