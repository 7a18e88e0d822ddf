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
  const signIn = useTask();
  const { state, fault } = status.session;
  const needed = ENDED_BY_SIGN_IN.includes(state);
  if (!needed && state !== "signing-in" && fault === null) return null;
  return (
    <section className="card panel" aria-label={words.account.session}>
      {state === "signing-in" && <p role="status">{words.signIn.browser}</p>}
      {fault !== null && <Fault problem={fault} status={status} words={words} formats={formats} about="session" />}
      {fault === null && needed && <h2>{state === "signed-out" ? words.account.nobody : words.sessions[state]}</h2>}
      <Reason status={status} words={words} />
      {needed && (
        <div className="row">
          <Button className="button button-main" data-busy={signIn.busy || undefined} onPress={() => signIn.run(() => agent.signIn(null))}>
            {signInWord(status, words)}
          </Button>
        </div>
      )}
      {signIn.fault !== null && <Fault problem={signIn.fault} status={status} words={words} formats={formats} about="sign-in" alert />}
    </section>
  );
}

function Reason({ status, words }: { status: Status; words: Words }) {
  const { reason, state } = status.session;
  const sentence = reason === null ? undefined : words.reasons[reason];
  if (sentence === undefined || state === "signing-in") return null;
  return <p>{sentence}</p>;
}

export function signInWord(status: Status, words: Words): string {
  if (status.session.state === "needs-user") return words.signIn.confirm;
  return status.session.reason === "never" ? words.signIn.signIn : words.signIn.again;
}
