import { readFileSync } from "node:fs";

import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";

import { formatsFor } from "../src/formats";
import { programName } from "../src/programs";
import { localeFor, wordsFor } from "../src/words";
import { de } from "../src/words/de";
import { en } from "../src/words/en";
import { NOW } from "../src/mock/fixtures";
import { expectAccessible, open } from "./window";

/** Every text below a value, with functions called by marks that must come through. */
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
  return [];
}

test("both languages have the same sentences, and none is empty", () => {
  // What the agent itself says in English needs no English here.
  const paths = (words: typeof en) => texts(words).map(([path]) => path).filter((path) => !path.startsWith(".faults.defects."));
  expect(paths(de)).toEqual(paths(en));
  expect(texts(de).filter(([, text]) => text.trim() === "")).toEqual([]);
});

test("the second language is not the first", () => {
  const english = new Map(texts(en));
  const same = texts(de).filter(([path, text]) => english.get(path) === text && text.split(" ").length > 2);
  expect(same).toEqual([]);
});

test("every event of the interface has a sentence in both languages", () => {
  const wire = readFileSync("src/wire.ts", "utf8");
  const listed = /token-served, [\s\S]*?server-refused\./u.exec(wire)?.[0] ?? "";
  const events = [...listed.matchAll(/[a-z]+(?:-[a-z]+)+|paused|resumed|retried/gu)].map(([event]) => event);
  expect(events).toHaveLength(17);
  for (const words of [en, de]) {
    for (const event of events) expect(words.activity.events[event]?.("Who", "Server", "Tool"), event).toBeTruthy();
  }
});

test("every step of the check has a title in both languages", () => {
  const listed = /policy, process, [^.]*/u.exec(readFileSync("src/wire.ts", "utf8"))?.[0] ?? "";
  const steps = listed.split(/,[\s*]+/u);
  expect(steps).toHaveLength(13);
  for (const words of [en, de]) expect(Object.keys(words.help.steps)).toEqual(steps);
});

test("what a sentence is given comes through", () => {
  for (const words of [en, de]) {
    const sentence = words.activity.events["tool-refused"]?.("Who", "Server", "Tool") ?? "";
    expect(["Who", "Server", "Tool"].every((part) => sentence.includes(part))).toBe(true);
  }
});

describe("the language", () => {
  const table: [string[], string, string][] = [
    [["de-AT", "en-US"], "de", "de-AT"],
    [["fr-FR", "de-DE"], "de", "de-DE"],
    [["en-GB"], "en", "en-GB"],
    [["fr-FR"], "en", "en"],
    [[], "en", "en"],
    [["DE"], "de", "DE"],
  ];
  for (const [languages, language, locale] of table) {
    test(`${languages.join(", ") || "none"} speaks ${language}`, () => {
      const words = wordsFor(languages);
      expect(words.language).toBe(language);
      expect(localeFor(languages, words)).toBe(locale);
    });
  }

  test("German is shown throughout, with the agent's own words beside a fault", async () => {
    await open("servers", {}, ["de-DE"]);
    expect(document.documentElement.lang).toBe("de");
    expect(document.documentElement.dir).toBe("ltr");
    expect(screen.getByText("Im Wortlaut des Agenten")).toBeTruthy();
    expect(screen.getByText("Ihr Identitätsanbieter erlaubt Ihrem Konto diesen Server nicht.")).toBeTruthy();
    await expectAccessible();
  });
});

test("a command to type becomes a button to press, and other actions stay", () => {
  const action = (code: "idp-refused" | "busy", action: string) =>
    en.faults.words({ type: "", title: "", detail: "", status: 0, code, action, contact: "", retry: "never" }).action;
  expect(action("idp-refused", "Ask, then run `lanyard retry`.")).toContain("press Try again");
  expect(action("idp-refused", "Ask Ada.")).toBe("Ask Ada.");
  expect(action("busy", "Run `lanyard x`.")).toBe("Run `lanyard x`.");
});

describe("times and numbers", () => {
  const formats = formatsFor("en-GB", en.underMinute);
  const spans: [number, string][] = [
    [0, "0 secs"],
    [59_999, "59 secs"],
    [60_000, "1 min"],
    [3_600_000 + 90_000, "1 hr 1 min"],
    [90_000_000, "1 day 1 hr"],
    [-5, "0 secs"],
  ];
  for (const [span, text] of spans) test(`${span} ms is ${text}`, () => expect(formats.span(span)).toBe(text));
  const moments: [number, string][] = [
    [-30, "less than a minute ago"],
    [0, "less than a minute ago"],
    [40, "in less than a minute"],
    [-90, "1 minute ago"],
    [2 * 3600, "in 2 hours"],
    [-86_400, "yesterday"],
  ];
  for (const [seconds, text] of moments) {
    test(`${seconds} s is ${text}`, () => expect(formats.relative(new Date(NOW + seconds * 1000).toISOString(), NOW)).toBe(text));
  }
  test("bytes", () => expect([12, 48_300, 3_000_000].map(formats.bytes)).toEqual(["12 byte", "48.3 kB", "3 MB"]));
});

test("a program is called by the last part of its path, and a key of the setup by its client", () => {
  expect(["/usr/bin/code", "C:\\Programs\\Code.exe", "setup cursor", "/", ""].map(programName)).toEqual(["code", "Code.exe", "cursor", "/", ""]);
});
