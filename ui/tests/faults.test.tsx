// What a fault says in a language that the agent does not speak.

import { readFileSync } from "node:fs";

import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { problem } from "../src/agent";
import { isGeneric } from "../src/generic";
import * as fixtures from "../src/mock/fixtures";
import type { Code } from "../src/wire";
import { de } from "../src/words/de";
import { en, open } from "./window";

const DISK = "The keychain that protects your sign-in does not answer. The disk took nothing, so the sign-in is kept in memory and lost when Lanyard stops.";

test("what the agent knows beyond its code is shown at once beside the translation", async () => {
  const fault = fixtures.problemOf("vault-unavailable", { detail: DISK, action: "Make room." });
  await open("servers", { status: fixtures.session({ fault }) }, ["de-DE"]);
  const shown = screen.getAllByText((text) => text.startsWith(DISK));
  expect(shown.map((it) => it.lang)).toEqual(["en"]);
  expect(shown[0]?.closest("details")?.open).toBe(true);
});

test("what the code tells is translated, and the original is there to be opened", async () => {
  const fault = fixtures.problemOf("vault-unavailable", { detail: "The keychain that protects your sign-in does not answer." });
  await open("servers", { status: fixtures.session({ fault }) }, ["de-DE"]);
  const shown = screen.getByText((text) => text.startsWith(fault.detail));
  expect(shown.closest("details")?.open).toBe(false);
});

test("faults known by their title are those of the agent and of the window", async () => {
  const sources = ["crates/agent/src/fault.rs", "crates/agent/src/refusal.rs", "src/commands/problem.rs", "src/commands/sibling.rs"];
  const rust = sources.map((source) => readFileSync(`../src-tauri/${source}`, "utf8")).join("");
  const said = [...rust.matchAll(/defect\("([^"]+)"|title: "([^"]+)"\.into\(\)/gu)].map(([, one, other]) => one ?? other ?? "");
  expect(Object.keys(de.faults.defects).sort()).toEqual([...new Set(said)].sort());
  const fault = fixtures.problemOf("internal", { title: "Not installed whole", detail: "The program `lanyard` is not there." });
  await open("servers", { status: fixtures.session({ fault }) }, ["de-DE"]);
  expect(screen.getByText("Nicht vollständig installiert")).toBeTruthy();
  expect(screen.getByText((text) => text.startsWith(fault.detail)).closest("details")?.open).toBe(true);
});

test("the sentences known as the code's are those of the agent", () => {
  const agent = readFileSync("../src-tauri/crates/wire/src/fault/sentences.rs", "utf8");
  const details = [...agent.matchAll(/row\(Code::(\w+), [^"]*"[^"]*",\s+"([^"]*)"/gu)];
  expect(details).toHaveLength(Object.keys(en.faults.titles).length);
  for (const [, name = "", detail = ""] of details) {
    const code = name.replaceAll(/(?<=.)[A-Z]/gu, (letter) => `-${letter}`).toLowerCase() as Code;
    expect(isGeneric(fixtures.problemOf(code, { detail })), code).toBe(true);
    expect(isGeneric(fixtures.problemOf(code, { detail: `${detail} And more.` })), code).toBe(false);
  }
});

test("a defect of the window of which nothing more is known is told by its code", () => {
  expect(isGeneric(problem(null))).toBe(true);
});

test("who is not signed in is told where to do it", () => {
  const action = "Run `lanyard login`, or choose Sign in from the tray, then try again.";
  const needed = fixtures.problemOf("sign-in-required", { action });
  expect(en.faults.words(needed).action).toBe("Choose Sign in on the page Account, then try again.");
  for (const words of [en, de]) {
    expect(words.faults.words(needed).action).toContain(words.pages.account);
    expect(words.faults.words(needed).action).toContain(words.signIn.signIn);
  }
});
