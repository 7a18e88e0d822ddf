import { Button } from "react-aria-components";

import { setting, useFace } from "../face";
import { Fault } from "../parts/fault";
import { PolicyFaults } from "../parts/settings";

/** Without these nobody can sign in. */
const NEEDED = ["Issuer", "ClientId"];

/** Instead of a page while there is no usable policy: what is missing, and whom to ask. */
export function Unconfigured() {
  const { policy, status, words, formats, check } = useFace();
  const missing = NEEDED.filter((name) => setting(policy, name) === null);
  const faulty = (policy?.faults.length ?? 0) > 0;
  const contact = setting(policy, "SupportContact") ?? status.session.fault?.contact ?? "your IT support";
  return (
    <>
      <header className="page-head">
        <h1>{words.unconfigured.title}</h1>
      </header>
      <p className="lead">{words.unconfigured.lead}</p>
      <section className="card" aria-labelledby="missing">
        <h2 id="missing">{faulty ? words.unconfigured.faulty : words.unconfigured.missing}</h2>
        {faulty ? (
          <PolicyFaults />
        ) : (
          <>
            {status.policy.origins.length === 0 && <p>{words.unconfigured.nothing}</p>}
            <ul>
              {missing.map((name) => (
                <li key={name}>
                  {words.unconfigured.setting(name)} (<span className="code">{name}</span>)
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      <section className="card" aria-labelledby="ask">
        <h2 id="ask">{words.unconfigured.ask}</h2>
        <p>
          <strong>
            <bdi>{words.faults.contact(contact)}</bdi>
          </strong>
        </p>
        <p>{words.unconfigured.askSentence}</p>
        <div className="row">
          <Button className="button" onPress={() => check(null)}>
            {words.help.doctor}
          </Button>
        </div>
      </section>
      {status.session.fault !== null && <Fault problem={status.session.fault} status={status} words={words} formats={formats} about="policy" />}
    </>
  );
}
