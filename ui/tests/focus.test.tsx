// The focus is never lost: whoever uses keys or a screen reader goes on where the pressed control was.

import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";

import { keptFocus } from "../src/focus";
import * as fixtures from "../src/mock/fixtures";
import type { World } from "../src/mock/agent";
import type { Page } from "../src/opening";
import type { AuditEvent } from "../src/wire";
import { en, expectAccessible, open } from "./window";

const gone = { account: null, since: null, renews_at: null };
const plain = fixtures.status();
const paused = { ...plain, agent: { ...plain.agent, paused: true } };
const signedOut = fixtures.session({ state: "signed-out", reason: "never", ...gone });
const long = Array.from({ length: 150 }, (_, at): AuditEvent => ({ id: at + 1, time: fixtures.at(at - 150), event: "paused", outcome: "allowed" }));

type Case = { name: string; page: Page; world: Partial<World>; button: string; heading: string | RegExp };

const cases: Case[] = [
  { name: "Resume above the servers", page: "servers", world: { status: paused }, button: en.account.resume, heading: en.servers.title },
  { name: "Sign in above the servers", page: "servers", world: { status: signedOut }, button: en.signIn.signIn, heading: en.servers.title },
  { name: "Sign in at the account", page: "account", world: { status: signedOut }, button: en.signIn.signIn, heading: en.account.title },
  { name: "Sign out", page: "account", world: {}, button: en.signIn.signOut, heading: en.account.access },
  { name: "Try again", page: "servers", world: {}, button: en.servers.retryOf("Figma"), heading: "Figma" },
  { name: "Remove key", page: "programs", world: {}, button: en.programs.removeKeyOf("cursor"), heading: "claude" },
  { name: "Remove without a server to set up again", page: "programs", world: { status: fixtures.status({ servers: [] }) }, button: en.programs.removeOf("Cursor"), heading: "Cursor" },
];

describe("what was pressed went away, and the focus is just above", () => {
  for (const { name, page, world, button, heading } of cases) {
    test(name, async () => {
      const { user } = await open(page, world);
      const pressed = await screen.findByRole("button", { name: button });
      pressed.focus();
      await user.keyboard("{Enter}");
      await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: heading })));
      expect(pressed.isConnected && !pressed.matches(":disabled")).toBe(false);
      await expectAccessible();
    });
  }

  test("Show older", async () => {
    const { user } = await open("activity", { audit: long });
    const more = await screen.findByRole("button", { name: en.activity.more });
    const last = screen.getAllByRole("article").at(-1);
    more.focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(last));
    expect(more.isConnected).toBe(false);
    await expectAccessible();
  });

  test("Clear filters", async () => {
    const { user } = await open("activity");
    (await screen.findByRole("button", { name: /Outcome/u })).focus();
    await user.keyboard("{Enter}");
    await screen.findByRole("listbox");
    await user.keyboard("{End}{Enter}");
    const clear = screen.getByRole("button", { name: en.activity.clear });
    await waitFor(() => expect(clear.matches(":disabled")).toBe(false));
    // A choice gives the focus back to what opened it.
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: /Outcome/u })));
    clear.focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: en.activity.chart(null) })));
  });
});

test("a control that changes its word alone keeps the focus", async () => {
  const { user } = await open("account");
  screen.getByRole("button", { name: en.account.pause }).focus();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: en.account.resume })));
});

test("a page that comes instead of another takes the focus with its heading, and so does the page after it", async () => {
  const { agent, user } = await open("account");
  await user.tab();
  const pages: [() => void, string][] = [
    [() => agent.open("programs"), en.programs.title],
    [() => agent.open("help"), en.help.title],
  ];
  screen.getByRole("button", { name: en.account.pause }).focus();
  for (const [come, title] of pages) {
    act(come);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: title })));
  }
});

test("the focus goes from an agent that is away to the page that comes", async () => {
  const { agent } = await open("servers", { status: null });
  expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: en.away.title }));
  act(() => agent.tell(fixtures.status()));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: en.servers.title })));
});

test("what goes away without the focus takes nobody's", async () => {
  const { agent, user } = await open("servers", { status: paused });
  const resume = screen.getByRole("button", { name: en.account.resume });
  resume.focus();
  const why = screen.getByRole("button", { name: en.servers.whyOf("Linear") });
  why.focus();
  act(() => agent.tell(plain));
  expect(resume.isConnected).toBe(false);
  expect(document.activeElement).toBe(why);
  act(() => agent.tell(paused));
  screen.getByRole("button", { name: en.account.resume }).focus();
  await user.click(screen.getByText(en.account.pausedWhat));
  expect(document.activeElement).toBe(document.body);
  act(() => agent.tell(plain));
  await new Promise((resolve) => setTimeout(resolve));
  expect(document.activeElement).toBe(document.body);
});

test("a control that is disabled, and nothing else, hands the focus on", async () => {
  const place = document.body.appendChild(document.createElement("main"));
  place.innerHTML = "<h1>Title</h1><button>Act</button>";
  const stop = keptFocus();
  const button = place.querySelector("button");
  button?.focus();
  button?.setAttribute("disabled", "");
  await waitFor(() => expect(document.activeElement).toBe(place.querySelector("h1")));
  stop();
  place.remove();
});
