// The check, step by step.

import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import type { DoctorStep } from "../src/wire";
import { en, open } from "./window";

const doctors = (asked: readonly string[]) => asked.filter((name) => /^(?:doctor|stopDoctor)/u.test(name));

test("why is asked once: who comes back to Help later finds no check and keeps the focus", async () => {
  const { agent, user } = await open("servers");
  await user.click(screen.getByRole("button", { name: en.servers.whyOf("Figma") }));
  await screen.findByText(en.help.bad("1"));
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: en.help.doctor }));
  await user.click(screen.getByRole("tab", { name: en.pages.servers }));
  await user.click(screen.getByRole("tab", { name: en.pages.help }));
  await screen.findByRole("heading", { level: 1, name: en.help.title });
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: en.pages.help }));
  expect(doctors(agent.asked)).toEqual(["doctor figma"]);
});

test("the same server is checked again when it is asked for again", async () => {
  const { agent, user } = await open("servers");
  for (const _ of [1, 2]) {
    await user.click(screen.getByRole("button", { name: en.servers.whyOf("Figma") }));
    await screen.findByText(en.help.bad("1"));
    await user.click(screen.getByRole("tab", { name: en.pages.servers }));
  }
  expect(doctors(agent.asked)).toEqual(["doctor figma", "doctor figma"]);
});

test("a check ends with its page, and one that is over is left alone", async () => {
  const { agent, user } = await open("servers", { stepsEnd: false });
  await user.click(screen.getByRole("button", { name: en.servers.whyOf("Figma") }));
  await screen.findByText(en.help.running);
  await user.click(screen.getByRole("tab", { name: en.pages.servers }));
  await waitFor(() => expect(doctors(agent.asked)).toEqual(["doctor figma", "stopDoctor"]));
  await user.click(screen.getByRole("tab", { name: en.pages.help }));
  expect(await screen.findByRole("button", { name: en.help.start })).toBeTruthy();
  expect(screen.queryByText(en.help.running)).toBeNull();
});

const good = fixtures.steps.filter((step) => step.outcome === "good");
const check = async (steps: DoctorStep[]) => {
  const { user } = await open("help", { steps });
  await user.click(screen.getByRole("button", { name: en.help.start }));
};

test("a check that tried everything and found nothing says so", async () => {
  await check(good);
  expect(await screen.findByText(en.help.good("4"))).toBeTruthy();
});

test("a check that left servers out names that step, and vouches for no more than it tried", async () => {
  await check([...good, { step: "others", title: "Try the servers beyond the first ten", outcome: "skipped", took_ms: 0 }]);
  expect(await screen.findByRole("article", { name: "Other servers" })).toBeTruthy();
  expect(await screen.findByText("Done: 4 steps, nothing is wrong in what was tried.")).toBeTruthy();
});

test("a check that was cut shows its fault, also after one that was good, and never that nothing is wrong", async () => {
  const { agent, user } = await open("help", { steps: good });
  await user.click(screen.getByRole("button", { name: en.help.start }));
  await screen.findByText(en.help.good("4"));
  agent.doctor = async (_server, listener) => {
    good.forEach(listener);
    throw fixtures.problemOf("internal", { detail: "The agent's answer ended before its end." });
  };
  await user.click(screen.getByRole("button", { name: en.help.startAgain }));
  expect(within(await screen.findByRole("alert")).getByText("The agent's answer ended before its end.")).toBeTruthy();
  expect(screen.queryByText(/nothing is wrong/u)).toBeNull();
  expect(screen.getByRole("button", { name: en.help.start })).toBeTruthy();
});
