import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";

import { NO_FILTERS, admitted, byDay, choices } from "../src/activity/filters";
import { hours } from "../src/activity/hours";
import { merged } from "../src/following";
import { NOW, audit } from "../src/mock/fixtures";
import type { AuditEvent } from "../src/wire";
import { en, expectAccessible, open } from "./window";

const entries = () => screen.getAllByRole("listitem").filter((item) => item.querySelector("time") !== null);

describe("filters", () => {
  const table: [string, Partial<typeof NO_FILTERS>, number[]][] = [
    ["none admits all", {}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ["a server", { server: "figma" }, [8]],
    ["a program by its name", { program: "code" }, [1, 3, 11]],
    ["an outcome", { outcome: "refused" }, [8, 9]],
    ["all together", { server: "wiki", program: "claude", outcome: "refused" }, [9]],
    ["what nothing has", { server: "figma", program: "code" }, []],
  ];
  for (const [name, filters, wanted] of table) {
    test(name, () => expect(admitted(audit(), { ...NO_FILTERS, ...filters }).map((event) => event.id)).toEqual(wanted));
  }

  test("only what occurs can be chosen", () => {
    expect(choices(audit())).toEqual({ servers: ["calendar", "figma", "linear", "wiki"], programs: ["claude", "code", "cursor"] });
  });

  test("days are the newest first, and so are their events", () => {
    const days = byDay(audit());
    expect(days.map(({ day }) => day)).toEqual(["2026-03-04", "2026-03-03"]);
    expect(days[0]?.events.map((event) => event.id)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });
});

describe("calls over the day", () => {
  test("count what each event stands for, today alone, and no sign-in", () => {
    const day = hours(audit(), NOW);
    const sums = day.filter((hour) => hour.allowed + hour.refused > 0).map(({ hour, allowed, refused }) => [hour, allowed, refused]);
    expect(sums).toEqual([
      [8, 6, 0],
      [9, 11, 0],
      [10, 17, 0],
      [11, 9, 0],
      [13, 8, 4],
      [14, 2, 0],
    ]);
  });

  test("a time that is none is left out", () => {
    const odd: AuditEvent = { id: 1, time: "yesterday", event: "token-served", outcome: "allowed" };
    expect(hours([odd], NOW).every((hour) => hour.allowed === 0)).toBe(true);
  });
});

test("events are merged by their ids and bounded", () => {
  const event = (id: number): AuditEvent => ({ id, time: new Date(NOW).toISOString(), event: "paused", outcome: "allowed" });
  expect(merged([event(1), event(2)], [event(2), event(3)]).map(({ id }) => id)).toEqual([1, 2, 3]);
  const many = Array.from({ length: 1500 }, (_, at) => event(at));
  expect(merged([], many)).toHaveLength(1000);
});

test("the timeline tells who did what with which server, newest first", async () => {
  await open("activity");
  await waitFor(() => expect(entries()).toHaveLength(11));
  expect(entries()[0]?.textContent).toContain("code got access to Linear");
  expect(screen.getByText("claude was refused delete_page of Company wiki")).toBeTruthy();
  expect(screen.getByText(`${en.activity.fault}: ${en.faults.titles["idp-refused"]}`)).toBeTruthy();
});

test("a filter is chosen with keys alone, and cleared", async () => {
  const { user } = await open("activity");
  await waitFor(() => expect(entries()).toHaveLength(11));
  const outcome = screen.getByRole("button", { name: /Outcome/u });
  outcome.focus();
  await user.keyboard("{Enter}");
  await screen.findByRole("listbox");
  await user.keyboard("{End}{Enter}");
  await waitFor(() => expect(entries()).toHaveLength(2));
  expect(screen.getByText("2 of 11 entries")).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: en.activity.clear }));
  await waitFor(() => expect(entries()).toHaveLength(11));
});

test("the chart can be read as a sentence and as a table", async () => {
  await open("activity");
  expect(await screen.findByText(/53 allowed and 4 refused today; the busiest hour began at 10:00/u)).toBeTruthy();
  const table = screen.getByRole("table", { name: en.activity.chart(null) });
  expect(within(table).getAllByRole("row")).toHaveLength(7);
});

test("where the agent no longer keeps all of today, the chart says since when", async () => {
  const full = (step: number) =>
    Array.from({ length: 1000 }, (_, at): AuditEvent => ({ id: at + 1, time: new Date(NOW - (1000 - at) * step).toISOString(), event: "token-served", outcome: "allowed" }));
  await open("activity", { audit: full(18_000) });
  expect(await screen.findByRole("heading", { name: "Calls since 09:20" })).toBeTruthy();
  expect(screen.getByText("1,000 allowed and 0 refused since 09:20; the busiest hour began at 10:00.")).toBeTruthy();
  expect(screen.getByRole("table", { name: "Calls since 09:20" })).toBeTruthy();
  cleanup();
  await open("activity", { audit: full(18_000).slice(1) });
  expect(await screen.findByRole("heading", { name: "Calls today" })).toBeTruthy();
  cleanup();
  await open("activity", { audit: full(180_000) });
  expect(await screen.findByRole("heading", { name: "Calls today" })).toBeTruthy();
});

test("a day without calls says so, and a log without entries has nothing to filter", async () => {
  await open("activity", { audit: audit().slice(0, 1) });
  expect(await screen.findByText(en.activity.chartEmpty(null))).toBeTruthy();
  cleanup();
  await open("activity", { audit: [] });
  expect(await screen.findByText(en.activity.empty)).toBeTruthy();
  expect(screen.queryByRole("group", { name: en.activity.filters })).toBeNull();
});

test("a long log comes in parts", async () => {
  const long = Array.from({ length: 250 }, (_, at): AuditEvent => ({ id: at + 1, time: new Date(NOW).toISOString(), event: "paused", outcome: "allowed" }));
  const { user } = await open("activity", { audit: long });
  await waitFor(() => expect(entries()).toHaveLength(100));
  await user.click(screen.getByRole("button", { name: en.activity.more }));
  await waitFor(() => expect(entries()).toHaveLength(200));
});

test("an event of a later version is shown by its name", async () => {
  await open("activity", { audit: [{ id: 1, time: new Date(NOW).toISOString(), event: "moon-landed", outcome: "allowed" }] });
  expect(await screen.findByText("moon-landed")).toBeTruthy();
});
