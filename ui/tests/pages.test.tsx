import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";

import { PAGES } from "../src/opening";
import * as fixtures from "../src/mock/fixtures";
import type { Code, Status } from "../src/wire";
import { en, expectAccessible, open } from "./window";

const codes = Object.keys(en.faults.titles) as Code[];
const gone = { account: null, since: null, renews_at: null };
const sessions: Record<string, Status> = {
  "signed-out": fixtures.session({ state: "signed-out", reason: "never", ...gone }),
  "signing-in": fixtures.session({ state: "signing-in", reason: "never", ...gone }),
  active: fixtures.status(),
  renewing: fixtures.session({ state: "renewing" }),
  waiting: fixtures.session({ state: "waiting", fault: fixtures.problemOf("idp-unreachable") }),
  "needs-user": fixtures.session({ state: "needs-user", reason: "step-up", fault: fixtures.problemOf("step-up-required") }),
  "vault-closed": fixtures.session({ state: "vault-closed", reason: "locked", ...gone, fault: fixtures.problemOf("vault-locked") }),
};

describe("every page in every state of the session", () => {
  for (const [state, status] of Object.entries(sessions)) {
    for (const page of PAGES) {
      test(`${page} while ${state} names the state and has no accessibility fault`, async () => {
        await open(page, { status });
        expect(screen.getByRole("tab", { name: en.pages[page], selected: true })).toBeTruthy();
        const side = screen.getByRole("navigation");
        expect(within(side).getByText(en.sessions[state] ?? "")).toBeTruthy();
        await expectAccessible();
      });
    }
  }

  for (const page of PAGES) {
    test(`${page} without a policy has no accessibility fault`, async () => {
      await open(page, { status: fixtures.unconfigured(), policy: fixtures.noPolicy, audit: [], programs: [], clients: [] });
      await expectAccessible();
    });
  }
});

describe("every fault", () => {
  for (const code of codes) {
    test(`${code} shows what happened, what to do and whom to ask`, async () => {
      const fault = fixtures.problemOf(code, { detail: `Detail of ${code}.`, action: `Action for ${code}.`, contact: "desk@acme.example" });
      await open("servers", { status: fixtures.status({ servers: [fixtures.server("linear", { state: "denied", fault })] }) });
      const card = screen.getByRole("article", { name: "Linear" });
      for (const text of [`Detail of ${code}.`, `Action for ${code}.`, "desk@acme.example"]) {
        expect(within(card).getByText(text)).toBeTruthy();
      }
      expect(within(card).getByRole("button", { name: new RegExp(`^${en.faults.copy}: .`, "u") })).toBeTruthy();
    });
  }
});

test("keys alone reach every page", async () => {
  const { user } = await open("servers");
  await user.tab();
  for (const page of PAGES) {
    await waitFor(() => expect(screen.getByRole("tab", { selected: true })).toBe(document.activeElement));
    expect(document.activeElement?.textContent).toBe(en.pages[page]);
    await screen.findByRole("heading", { level: 1 });
    await user.keyboard("{ArrowDown}");
  }
});

test("a second start goes to its page", async () => {
  const { agent } = await open("servers");
  agent.open("help");
  expect(await screen.findByRole("heading", { level: 1, name: en.help.title })).toBeTruthy();
});

test("a window that opened because there is no tray says why", async () => {
  await open("servers", { opening: { page: "account", reason: "no-tray" } });
  expect(await screen.findByText(en.openings["no-tray"] ?? "")).toBeTruthy();
});

test("why a second start opened it is said until somebody goes on", async () => {
  const { agent, user } = await open("servers");
  agent.open("account", "failed");
  const why = en.openings["failed"] ?? "";
  expect(await screen.findByText(why)).toBeTruthy();
  await user.click(screen.getByRole("tab", { name: en.pages.servers }));
  await user.click(screen.getByRole("tab", { name: en.pages.account }));
  expect(screen.queryByText(why)).toBeNull();
});

test("what the organisation decides is marked with its name and the place", async () => {
  await open("servers");
  expect(await screen.findByText("Managed by Acme")).toBeTruthy();
  expect(screen.getByText("Set in /etc/lanyard/policy.json")).toBeTruthy();
});
