// The check, step by step.

import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

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
