// A computer without a usable policy.

import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { en, expectAccessible, open } from "./window";

const unusable = fixtures.problemOf("policy-fault", { detail: "The file of ClientKeyFile cannot be read.", action: "Let IT mend it.", contact: "keys@acme.example" });
const wrong = (setting: string) => [{ setting, origin: "/etc/lanyard/policy.json", message: "is no https address" }];
const title = (name: string) => screen.getByRole("heading", { level: 1, name });
const missing = () => screen.queryByRole("heading", { name: en.unconfigured.missing });

test("without a policy the window says what is missing and whom to ask, and is no form", async () => {
  await open("servers", { status: fixtures.unconfigured(), policy: fixtures.noPolicy });
  expect(title(en.unconfigured.title)).toBeTruthy();
  expect(await screen.findByText("Issuer")).toBeTruthy();
  expect(screen.getAllByText("Your IT support").length).toBeGreaterThan(0);
  expect(screen.queryByRole("textbox")).toBeNull();
});

test("a faulty policy names the setting, the place and what is wrong, beside what is missing", async () => {
  await open("account", { status: fixtures.unconfigured(), policy: { ...fixtures.noPolicy, faults: wrong("OnScreenLock") } });
  expect(await screen.findByText("is no https address")).toBeTruthy();
  expect(screen.getByText("(/etc/lanyard/policy.json)")).toBeTruthy();
  expect(missing()).toBeTruthy();
  expect(screen.getByText("Issuer")).toBeTruthy();
  await expectAccessible();
});

test("a setting with a fault is not called missing", async () => {
  await open("servers", { status: fixtures.unconfigured(), policy: { ...fixtures.noPolicy, faults: wrong("Issuer") } });
  expect(await screen.findByText("is no https address")).toBeTruthy();
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    `${en.unconfigured.setting("ClientId")} (ClientId)`,
    "Issuer: is no https address (/etc/lanyard/policy.json)",
  ]);
});

test("a policy that names all and cannot be used is no computer without one", async () => {
  await open("servers", { status: fixtures.unconfigured(unusable) });
  expect(title(en.unconfigured.unusable)).toBeTruthy();
  for (const text of [unusable.detail, unusable.action, "keys@acme.example"]) expect(screen.getByText(text)).toBeTruthy();
  expect(missing()).toBeNull();
  expect(screen.queryByRole("heading", { name: en.unconfigured.faulty })).toBeNull();
  expect(screen.queryByText(en.sessions["unconfigured"] ?? "")).toBeNull();
  await expectAccessible();
});
