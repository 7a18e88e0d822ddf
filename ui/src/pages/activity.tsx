import { useMemo, useState } from "react";
import { Button } from "react-aria-components";

import { isCall } from "../activity/calls";
import { ALL, NO_FILTERS, admitted, byDay, choices, dayOf, isFiltered, programOf, type Filters } from "../activity/filters";
import { hours, knownSince } from "../activity/hours";
import { useNow } from "../clock";
import { titleOf, useFace } from "../face";
import { Chart } from "../parts/chart";
import { Choice, type Option } from "../parts/choice";
import { State } from "../parts/state";
import type { AuditEvent } from "../wire";

/** How many entries come at once. */
const PAGE = 100;
const DAY = 86_400_000;

export function Activity() {
  const { words, audit } = useFace();
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{words.activity.title}</h1>
          <p className="lead">{words.activity.lead}</p>
        </div>
      </header>
      {audit.length === 0 ? (
        <p role="status" className="empty">
          {words.activity.empty}
        </p>
      ) : (
        <Recorded />
      )}
    </>
  );
}

function Recorded() {
  const { words, formats, audit, status } = useFace();
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [many, setMany] = useState(PAGE);
  const now = useNow(60_000);
  const events = useMemo(() => admitted(audit, filters), [audit, filters]);
  const there = useMemo(() => choices(audit), [audit]);
  const all: Option = { id: ALL, text: words.activity.all };
  const options = (values: string[], name: (value: string) => string) => [all, ...values.map((value) => ({ id: value, text: name(value) }))];
  const choose = (name: keyof Filters) => (value: string) => {
    setFilters({ ...filters, [name]: value });
    setMany(PAGE);
  };
  const oldest = knownSince(audit, now);
  const since = oldest === null ? null : formats.clock(oldest);
  const heading = (day: string, event: AuditEvent) =>
    day === dayOf(now) ? words.activity.today : day === dayOf(now - DAY) ? words.activity.yesterday : formats.day(event.time);
  return (
    <>
      <section className="card" aria-labelledby="calls">
        <h2 id="calls">{words.activity.chart(since)}</h2>
        <Chart hours={hours(events, now)} since={since} words={words} formats={formats} />
      </section>
      <div className="filters" role="group" aria-label={words.activity.filters}>
        <Choice label={words.activity.server} options={options(there.servers, (id) => titleOf(status, id))} chosen={filters.server} choose={choose("server")} />
        <Choice label={words.activity.program} options={options(there.programs, (name) => name)} chosen={filters.program} choose={choose("program")} />
        <Choice
          label={words.activity.outcome}
          options={[all, { id: "allowed", text: words.activity.allowed }, { id: "refused", text: words.activity.refused }]}
          chosen={filters.outcome}
          choose={choose("outcome")}
        />
        <Button className="button button-plain" isDisabled={!isFiltered(filters)} onPress={() => setFilters(NO_FILTERS)}>
          {words.activity.clear}
        </Button>
      </div>
      <p role="status" className="hint">
        {events.length === 0 ? words.activity.noMatch : words.activity.shown(formats.number(events.length), formats.number(audit.length))}
      </p>
      {byDay(events.slice(-many)).map(({ day, events }) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`}>{events[0] !== undefined && heading(day, events[0])}</h2>
          <ol className="timeline">
            {events.map((event) => (
              <li key={event.id}>
                <Entry event={event} title={typeof event.server === "string" ? titleOf(status, event.server) : null} />
              </li>
            ))}
          </ol>
        </section>
      ))}
      {events.length > many && (
        <Button className="button" onPress={() => setMany(many + PAGE)}>
          {words.activity.more}
        </Button>
      )}
    </>
  );
}

function Entry({ event, title }: { event: AuditEvent; title: string | null }) {
  const { words, formats } = useFace();
  const { activity } = words;
  const refused = event.outcome === "refused";
  const sentence = activity.events[event.event]?.(programOf(event) ?? activity.someProgram, title ?? activity.someServer, event.tool ?? activity.someTool);
  const times = event.count ?? 1;
  const details = [
    times > 1 ? activity.times(formats.number(times)) : null,
    event.door ? (activity.door[event.door] ?? event.door) : null,
    event.client ? (activity.evidence[event.client.evidence] ?? event.client.evidence) : null,
    event.scopes && event.scopes.length > 0 ? `${activity.scopes}: ${event.scopes.join(" ")}` : null,
    event.reason ? `${activity.why}: ${words.reasons[event.reason] ?? event.reason}` : null,
    event.fault ? `${activity.fault}: ${words.faults.titles[event.fault] ?? event.fault}` : null,
    event.account ? `${activity.account}: ${event.account}` : null,
  ].filter((detail): detail is string => detail !== null);
  return (
    <article className="event">
      <time className="event-time" dateTime={event.time}>
        {formats.clock(event.time)}
      </time>
      <div className="event-body">
        <p>
          <bdi>{sentence ?? event.event}</bdi>
        </p>
        {details.length > 0 && (
          <p className="hint">
            {details.map((detail, at) => (
              <span key={detail}>
                {at > 0 && " · "}
                <bdi>{detail}</bdi>
              </span>
            ))}
          </p>
        )}
      </div>
      {(refused || isCall(event)) && (
        <State icon={refused ? "refused" : "good"} tone={refused ? "bad" : "quiet"}>
          {refused ? activity.refused : activity.allowed}
        </State>
      )}
    </article>
  );
}
