// What a fault says in a language that the agent does not speak.

import { readFileSync } from "node:fs";

import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { problem } from "../src/agent";
import { isGeneric } from "../src/generic";
import * as fixtures from "../src/mock/fixtures";
import type { Code } from "../src/wire";
import { de } from "../src/words/de";
import { NOT_KEPT } from "../src/words/de-faults";
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

test("a disk that takes nothing is not taken for a keychain that is away", () => {
  const agent = readFileSync("../src-tauri/crates/agent/src/fault.rs", "utf8");
  expect(agent).toContain(`title: "${NOT_KEPT}"`);
  expect(de.faults.words(fixtures.problemOf("vault-unavailable", { title: NOT_KEPT })).title).toBe("Anmeldung nicht aufbewahrt");
  expect(de.faults.words(fixtures.problemOf("vault-unavailable")).title).toBe("Schlüsselbund nicht da");
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
