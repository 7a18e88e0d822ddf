import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider, Tab, TabList, TabPanel, Tabs } from "react-aria-components";

import type { Agent } from "./agent";
import { PAGES, isPage, type Opening, type Page } from "./opening";
import { FaceProvider, type Face } from "./face";
import { hasRing, keptFocus } from "./focus";
import { useFollowing } from "./following";
import { formatsFor } from "./formats";
import { closedByKeys } from "./keys";
import { Account } from "./pages/account";
import { Activity } from "./pages/activity";
import { Away } from "./pages/away";
import { Help, type Asked } from "./pages/help";
import { Programs } from "./pages/programs";
import { Servers } from "./pages/servers";
import { Unconfigured } from "./pages/unconfigured";
import { Icon } from "./parts/icons";
import { SessionState } from "./parts/state";
import type { Status } from "./wire";
import { localeFor, wordsFor, type Words } from "./words";

type Given = { agent: Agent; languages: readonly string[] };

/** The whole window. */
export function App({ agent, languages }: Given) {
  const words = useMemo(() => wordsFor(languages), [languages]);
  const locale = useMemo(() => localeFor(languages, words), [languages, words]);
  const formats = useMemo(() => formatsFor(locale, words.underMinute), [locale, words]);
  const { status, isOld, why: fault, policy, programs, audit, refresh } = useFollowing(agent);
  const [{ page, reason: why }, open] = useState<Opening>({ page: "servers", reason: null });
  const go = useCallback((page: Page) => open({ page, reason: null }), []);
  const [asked, setAsked] = useState<Asked | null>(null);
  const check = useCallback((server: string | null) => {
    setAsked({ server, byKeys: hasRing() });
    go("help");
  }, [go]);
  const taken = useCallback(() => setAsked(null), []);

  useEffect(() => {
    const root = document.documentElement;
    root.lang = words.language;
    root.dir = words.direction;
    document.title = "Lanyard";
  }, [words]);
  useEffect(() => closedByKeys(agent), [agent]);
  useEffect(() => keptFocus(), []);
  useEffect(() => {
    let here = true;
    agent.opening().then(
      (opening) => here && open(opening),
      () => undefined,
    );
    const stop = agent.onOpening(open);
    return () => {
      here = false;
      stop();
    };
  }, [agent]);

  if (status === undefined || status === null) {
    return (
      <I18nProvider locale={locale}>
        <main className="alone">{status === null ? <Away why={fault} words={words} formats={formats} /> : <p role="status">{words.asking}</p>}</main>
      </I18nProvider>
    );
  }
  const face: Face = { agent, status, words, formats, policy, programs, audit, refresh, go, check };
  return (
    <I18nProvider locale={locale}>
      <FaceProvider value={face}>
        <Tabs className="frame" orientation="vertical" selectedKey={page} onSelectionChange={(key) => isPage(key) && go(key)}>
          <Side status={status} words={words} />
          <main className="frame-main">
            {PAGES.map((name) => (
              <TabPanel key={name} id={name} className="page">
                <div className="page-inner">
                  <p role="status" className={isOld ? "notice" : undefined}>
                    {isOld && words.away.last}
                  </p>
                  {why !== null && words.openings[why] !== undefined && <p className="notice">{words.openings[why]}</p>}
                  {pageOf(name, status, asked, taken)}
                </div>
              </TabPanel>
            ))}
          </main>
        </Tabs>
      </FaceProvider>
    </I18nProvider>
  );
}

function pageOf(page: Page, status: Status, asked: Asked | null, taken: () => void): ReactNode {
  const unconfigured = status.session.state === "unconfigured";
  switch (page) {
    case "servers":
      return unconfigured ? <Unconfigured /> : <Servers />;
    case "activity":
      return <Activity />;
    case "programs":
      return <Programs />;
    case "account":
      return unconfigured ? <Unconfigured /> : <Account />;
    case "help":
      return <Help asked={asked} taken={taken} />;
  }
}

function Side({ status, words }: { status: Status; words: Words }) {
  const { account } = status.session;
  return (
    <nav className="side" aria-label={words.navigation}>
      <TabList className="side-pages" aria-label={words.navigation}>
        {PAGES.map((name) => (
          <Tab key={name} id={name} className="side-page">
            <Icon name={name} />
            <span>{words.pages[name]}</span>
          </Tab>
        ))}
      </TabList>
      <div className="side-foot">
        {account !== null && (
          <p className="side-who">
            <bdi>{account.name ?? account.email ?? account.subject}</bdi>
          </p>
        )}
        <SessionState status={status} words={words} />
      </div>
    </nav>
  );
}
