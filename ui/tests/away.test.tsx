// An agent that does not answer.

import { act, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { de } from "../src/words/de";
import { en, expectAccessible, open } from "./window";

const away = () => screen.queryByRole("heading", { level: 1, name: en.away.title });

test("a window without an agent says so, hands out a report, and goes on when one comes", async () => {
  const { agent, user } = await open("servers", { status: null });
  expect(away()).toBe(document.activeElement);
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: `${en.faults.copy}: ${en.away.title}` }));
  expect(await screen.findByText(en.faults.copied)).toBeTruthy();
  expect(await navigator.clipboard.readText()).toContain("Lanyard is not running (internal)");
  agent.tell(fixtures.status());
  expect(await screen.findByRole("heading", { name: "Linear" })).toBeTruthy();
});

test("why the agent cannot be talked to is told in three sentences, with a report", async () => {
  const { user } = await open("servers", { status: null, why: fixtures.impostor }, ["de-DE"]);
  expect(screen.getByRole("heading", { level: 1, name: de.away.silent })).toBe(document.activeElement);
  const said = de.faults.defects[fixtures.impostor.title];
  for (const text of [said?.detail ?? "", said?.action ?? "", "Ihre IT-Unterstützung"]) expect(screen.getByText(text)).toBeTruthy();
  expect(screen.getByText((text) => text.startsWith(fixtures.impostor.detail)).lang).toBe("en");
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: /^Bericht kopieren/u }));
  expect(await screen.findByText("Kopiert")).toBeTruthy();
  expect(await navigator.clipboard.readText()).toContain(fixtures.impostor.detail);
});

test("a lost connection keeps the page for a while, marked as old, and then replaces it", async () => {
  const { agent } = await open("account");
  vi.useFakeTimers({ now: fixtures.NOW, toFake: ["Date", "setTimeout", "clearTimeout"] });
  act(() => agent.tell(null));
  expect(screen.getByText(en.away.last).role).toBe("status");
  expect(screen.getByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
  act(() => void vi.advanceTimersByTime(6000));
  // The agent is looked for every second; each look is no new beginning.
  act(() => agent.tell(null, fixtures.impostor));
  act(() => void vi.advanceTimersByTime(3900));
  expect(screen.getByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
  act(() => void vi.advanceTimersByTime(200));
  expect(screen.queryByRole("heading", { name: "Ada Lovelace" })).toBeNull();
  expect(screen.getByText(fixtures.impostor.detail)).toBeTruthy();
  act(() => agent.tell(null));
  expect(away()).toBeTruthy();
});

test("an agent that comes back in time changes nothing but the mark", async () => {
  const { agent } = await open("account");
  vi.useFakeTimers({ now: fixtures.NOW, toFake: ["Date", "setTimeout", "clearTimeout"] });
  act(() => agent.tell(null));
  act(() => agent.tell(fixtures.status()));
  act(() => void vi.advanceTimersByTime(20_000));
  expect(screen.queryByText(en.away.last)).toBeNull();
  expect(away()).toBeNull();
  expect(screen.getByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
});
