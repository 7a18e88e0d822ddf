import { useState, type ReactNode } from "react";
import { Button } from "react-aria-components";

import { copied } from "../report";
import type { Words } from "../words";
import { Icon } from "./icons";

type Given = {
  text: () => string;
  /** What it reports, to be told apart from other reports. */
  name: string;
  words: Words;
  /** What else a person can press. */
  children?: ReactNode;
};

/** A button that copies a report, or shows it where the system does not let it. */
export function CopyReport({ text, name, words, children }: Given) {
  const [copy, setCopy] = useState<"not" | "done" | "by-hand">("not");
  const onPress = () => void copied(text()).then((done) => setCopy(done ? "done" : "by-hand"));
  return (
    <>
      <div className="row">
        {children}
        <Button className="button" aria-label={`${words.faults.copy}: ${name}`} onPress={onPress}>
          <Icon name="copy" />
          {words.faults.copy}
        </Button>
        <span role="status">{copy === "done" ? words.faults.copied : copy === "by-hand" ? words.faults.notCopied : ""}</span>
      </div>
      {copy === "by-hand" && <textarea className="report" readOnly rows={8} value={text()} aria-label={words.faults.report} onFocus={(event) => event.currentTarget.select()} />}
    </>
  );
}
