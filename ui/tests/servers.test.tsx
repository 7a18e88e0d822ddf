import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { NOW } from "../src/mock/fixtures";
import { inOrder } from "../src/pages/servers";
import { en, open } from "./window";

const card = (name: string) => screen.getByRole("article", { name });
const only = (changes: Parameters<typeof fixtures.server>[1]) => fixtures.status({ servers: [fixtures.server("linear", changes)] });

test("a server tells its state, its use, its programs and its scopes", async () => {
  await open("servers");
  const linear = card("Linear");
  expect(within(linear).getByText(en.servers.states.ready ?? "")).toBeTruthy();
  expect(within(linear).getByText("3 minutes ago")).toBeTruthy();
  expect(await within(linear).findByText("code and cursor")).toBeTruthy();
  expect(within(linear).getByText("write")).toBeTruthy();
  expect(within(linear).getByText("31 of 250 in the licence")).toBeTruthy();
});

test("what an agent that started again forgot is on record", async () => {
  const status = fixtures.status({ servers: [fixtures.server("linear", { last_used: null }), fixtures.server("figma", { last_used: null })] });
  await open("servers", { status });
  expect(await within(card("Linear")).findByText("3 minutes ago")).toBeTruthy();
  expect(within(card("Figma")).getByText(en.never)).toBeTruthy();
});

test("a token's life runs down each second, and ends", async () => {
  const expires_at = new Date(NOW + 62_000).toISOString();
  vi.useFakeTimers({ now: NOW, toFake: ["Date", "setInterval", "clearInterval"] });
  await open("servers", { status: only({ state: "ready", expires_at }), audit: [] });
  const left = () => screen.getByRole("meter", { name: "Access lasts: Linear" }).getAttribute("aria-valuetext");
  expect(left()).toBe("1 min 2 secs more");
  act(() => void vi.advanceTimersByTime(3000));
  expect(left()).toBe("59 secs more");
  act(() => void vi.advanceTimersByTime(60_000));
  expect(screen.queryByRole("meter", { name: "Access lasts: Linear" })).toBeNull();
  expect(screen.getByText(en.servers.tokenNone)).toBeTruthy();
});

test("the bar of a token's life is as long as the longest life on record", async () => {
  await open("servers", { status: only({ state: "ready", expires_at: new Date(NOW + 900_000).toISOString() }) });
  await waitFor(() => expect(screen.getByRole("meter", { name: "Access lasts: Linear" }).getAttribute("aria-valuemax")).toBe("3600000"));
});

test("calls near the licence and above it are told in words", async () => {
  await open("servers", { status: only({ mints_this_month: 200 }) });
  expect(screen.getByText(/Nearly used up/u)).toBeTruthy();
});

test("calls above the licence are told in words", async () => {
  await open("servers", { status: only({ mints_this_month: 251 }) });
  expect(screen.getByText(/Above the licence/u)).toBeTruthy();
});

test("a licence without a limit has no bar", async () => {
  await open("servers", { status: only({ mints_this_month: 4, mint_budget: 0 }) });
  expect(screen.getByText("4, no limit")).toBeTruthy();
  expect(screen.queryByRole("meter")).toBeNull();
});

test("trying again asks the agent for that server and says what came of it", async () => {
  const { agent, user } = await open("servers");
  await user.click(screen.getByRole("button", { name: en.servers.retryOf("Figma") }));
  expect(agent.asked).toContain("retry figma");
  expect(await within(card("Figma")).findByText(en.servers.retried)).toBeTruthy();
});

test("a refused verb shows the fault where the button is", async () => {
  const { user } = await open("servers", { refuse: { retry: fixtures.problemOf("busy", { detail: "Too many requests are waiting." }) } });
  await user.click(screen.getByRole("button", { name: en.servers.retryOf("Figma") }));
  const alert = await within(card("Figma")).findByRole("alert");
  expect(within(alert).getByText("Too many requests are waiting.")).toBeTruthy();
});

test("why runs the check of that server", async () => {
  const { agent, user } = await open("servers");
  await user.click(screen.getByRole("button", { name: en.servers.whyOf("Figma") }));
  expect(await screen.findByRole("heading", { level: 1, name: en.help.title })).toBeTruthy();
  await waitFor(() => expect(agent.asked).toContain("doctor figma"));
  expect(await screen.findByText(en.help.steps.assertion?.("Figma") ?? "")).toBeTruthy();
});

test("many servers can be searched", async () => {
  const servers = Array.from({ length: 40 }, (_, at) => fixtures.server(`server-${at}`));
  const { user } = await open("servers", { status: fixtures.status({ servers }) });
  await user.type(screen.getByRole("searchbox", { name: en.servers.find }), "server-39");
  await waitFor(() => expect(screen.getAllByRole("article")).toHaveLength(1));
  await user.type(screen.getByRole("searchbox"), "x");
  expect(await screen.findByText(en.servers.noMatch)).toBeTruthy();
});

test("servers with a fault come first, and the rest by name as people count", () => {
  const servers = ["Team 10", "Wiki", "team 9", "Åland"].map((title) =>
    fixtures.server(title, { title, fault: title === "Wiki" ? fixtures.problemOf("idp-refused") : null }),
  );
  expect(inOrder(servers, "en").map((server) => server.title)).toEqual(["Wiki", "Åland", "team 9", "Team 10"]);
});

test("a report is put on the clipboard in the agent's words", async () => {
  const { user } = await open("servers", {}, ["de-DE"]);
  await user.click(within(card("Figma")).getByRole("button", { name: /^Bericht kopieren: ./u }));
  expect(await within(card("Figma")).findByText("Kopiert")).toBeTruthy();
  const text = await navigator.clipboard.readText();
  expect(text).toContain("Access refused (idp-refused)");
  expect(text).toContain("About: figma");
  expect(text).toContain("Time: 2026-03-04T14:20:00.000Z");
});

test("a report that cannot be copied is shown to be copied by hand", async () => {
  const { user } = await open("servers");
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
  await user.click(within(card("Figma")).getByRole("button", { name: new RegExp(`^${en.faults.copy}: .`, "u") }));
  const report = await screen.findByRole("textbox", { name: en.faults.report });
  expect((report as HTMLTextAreaElement).value).toContain("Session: active");
});
