import { Button } from "react-aria-components";

import { setting, useFace } from "../face";
import { Fault } from "../parts/fault";
import { PolicyFaults } from "../parts/settings";

/** Without these nobody can sign in. */
const NEEDED = ["Issuer", "ClientId"];

/** Instead of a page while there is no usable policy: what is missing or wrong, and whom to ask. */
export function Unconfigured() {
  const { policy, status, words, formats, check } = useFace();
  const { fault } = status.session;
  const faults = policy?.faults ?? [];
  // What is wrong is not missing, and nothing is before policy is known.
  const missing = NEEDED.filter((name) => policy !== null && setting(policy, name) === null && faults.every((fault) => fault.setting !== name));
  const contact = setting(policy, "SupportContact") ?? fault?.contact ?? "your IT support";
  return (
    <>
      <header className="page-head">
        <h1>{fault === null || fault.code === "not-configured" ? words.unconfigured.title : words.unconfigured.unusable}</h1>
      </header>
      <p className="lead">{words.unconfigured.lead}</p>
      {fault !== null && <Fault problem={fault} status={status} words={words} formats={formats} about="policy" />}
      {missing.length > 0 && (
        <section className="card" aria-labelledby="missing">
          <h2 id="missing">{words.unconfigured.missing}</h2>
          {status.policy.origins.length === 0 && <p>{words.unconfigured.nothing}</p>}
          <ul>
            {missing.map((name) => (
              <li key={name}>
                {words.unconfigured.setting(name)} (<span className="code">{name}</span>)
              </li>
            ))}
          </ul>
        </section>
      )}
      {faults.length > 0 && (
        <section className="card" aria-labelledby="faulty">
          <h2 id="faulty">{words.unconfigured.faulty}</h2>
          <PolicyFaults />
        </section>
      )}
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
    </>
  );
}
