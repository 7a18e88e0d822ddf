import { useEffect, useRef } from "react";

import { problem } from "../agent";
import { land } from "../focus";
import type { Formats } from "../formats";
import { CopyReport } from "../parts/copy-report";
import { Fault } from "../parts/fault";
import { Icon } from "../parts/icons";
import { report } from "../report";
import type { Problem } from "../wire";
import type { Words } from "../words";
import { en } from "../words/en";

type Given = { why: Problem | null; words: Words; formats: Formats };

/** Instead of all pages while no agent answers. */
export function Away({ why, words, formats }: Given) {
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Nobody had the focus, so nobody needs its ring.
    if (place.current !== null && document.activeElement === document.body) land(place.current, false);
  }, []);
  const title = why === null ? words.away.title : words.away.silent;
  return (
    <div>
      <Icon name="away" />
      <h1 ref={place}>{title}</h1>
      {why !== null ? (
        <Fault problem={why} status={null} words={words} formats={formats} about="agent" />
      ) : (
        <>
          <p>{words.away.detail}</p>
          <p>{words.away.action}</p>
          <CopyReport text={notRunning} name={title} words={words} />
        </>
      )}
    </div>
  );
}

function notRunning(): string {
  const { title, detail, action } = en.away;
  return report({ ...problem(null), title, detail, action }, null, "agent", new Date());
}
