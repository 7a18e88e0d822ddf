import { useState } from "react";
import { Input, Label, SearchField } from "react-aria-components";

import { useFace } from "../face";
import { Managed } from "../parts/managed";
import { Resting } from "../parts/resting";
import { ServerCard } from "../parts/server";
import { SignInPanel } from "../parts/sign-in";
import type { ServerStatus } from "../wire";

/** More servers than are seen at a glance get a search field. */
const MANY = 6;

export function Servers() {
  const { status, words, formats } = useFace();
  const [sought, seek] = useState("");
  const count = status.servers.length;
  const shown = inOrder(status.servers.filter((server) => matches(server, sought)), words.language);
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{words.servers.title}</h1>
          <p className="lead">{count === 1 ? words.servers.one : words.servers.lead(formats.number(count))}</p>
        </div>
        <Managed name="Servers" />
      </header>
      <Resting />
      <SignInPanel />
      {count === 0 && <p className="empty">{words.servers.empty}</p>}
      {count > MANY && (
        <SearchField className="search" value={sought} onChange={seek}>
          <Label>{words.servers.find}</Label>
          <Input />
        </SearchField>
      )}
      {count > 0 && shown.length === 0 && <p className="empty">{words.servers.noMatch}</p>}
      <ul className="cards">
        {shown.map((server) => (
          <li key={server.id}>
            <ServerCard server={server} />
          </li>
        ))}
      </ul>
    </>
  );
}

function matches(server: ServerStatus, sought: string): boolean {
  const word = sought.trim().toLocaleLowerCase();
  return [server.title, server.id, server.url].some((text) => text.toLocaleLowerCase().includes(word));
}

/** What needs somebody first; otherwise by name, as people count. */
export function inOrder(servers: readonly ServerStatus[], language: string): ServerStatus[] {
  const weight = (server: ServerStatus) => (server.fault === null ? 1 : 0);
  const names = new Intl.Collator(language, { numeric: true });
  return [...servers].sort((a, b) => weight(a) - weight(b) || names.compare(a.title, b.title));
}
