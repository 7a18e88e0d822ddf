// Reports of what is wrong, one by one and as a list.

import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { de } from "../src/words/de";
import { expectAccessible, open, type Opened } from "./window";

const faults = [
  { setting: "Issuer", origin: "/etc/lanyard/policy.json", message: "It is no https address." },
  { setting: null, origin: "/etc/lanyard/conf.d", message: "Others can write here." },
];
const WRONG = `Settings with a fault
Issuer: It is no https address. (/etc/lanyard/policy.json)
Others can write here. (/etc/lanyard/conf.d)

Time: 2026-03-04T14:20:00.000Z
Lanyard: 0.1.0
`;

async function copied({ user }: Opened, name: string): Promise<string> {
  await user.click(await screen.findByRole("button", { name: `${de.faults.copy}: ${name}` }));
  await screen.findByText(de.faults.copied);
  return navigator.clipboard.readText();
}

test("faults of policy are copied as one report, in the agent's words", async () => {
  const opened = await open("help", { policy: { ...fixtures.policy, faults } }, ["de-DE"]);
  expect(await copied(opened, de.help.faults)).toBe(`${WRONG}Session: active\nPolicy: 3f9a1c\n`);
  await expectAccessible();
});

test("so they are where nobody can sign in for them", async () => {
  const opened = await open("servers", { status: fixtures.unconfigured(), policy: { ...fixtures.policy, faults } }, ["de-DE"]);
  expect(await copied(opened, de.help.faults)).toContain(WRONG);
});

test("warnings are copied as one report", async () => {
  const warnings = ["The clock is off by 4 minutes.", "The key file can be read by others."];
  const opened = await open("help", { status: fixtures.status({ warnings }) }, ["de-DE"]);
  expect(await copied(opened, de.help.warnings)).toContain(`Warnings for administrators\n${warnings.join("\n")}\n\nTime: 2026`);
  await expectAccessible();
});
