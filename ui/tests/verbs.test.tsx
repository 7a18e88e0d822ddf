// What a person can do, and what comes of it.

import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { de } from "../src/words/de";
import { en, expectAccessible, open } from "./window";

test("a program is set up with one click, and taken back with another", async () => {
  const { agent, user } = await open("programs");
  await user.click(await screen.findByRole("button", { name: en.programs.setUpOf("Claude Code") }));
  expect(await screen.findByText(en.programs.done("Claude Code"))).toBeTruthy();
  expect(agent.asked).toContain("setUp claude-code");
  await user.click(await screen.findByRole("button", { name: en.programs.removeOf("Claude Code") }));
  expect(await screen.findByText(en.programs.removed("Claude Code"))).toBeTruthy();
  expect(await screen.findByRole("button", { name: en.programs.setUpOf("Claude Code") })).toBeTruthy();
});

test("the window is closed by the keys that close windows, and by no other", async () => {
  const { agent, user } = await open("servers");
  await user.keyboard("w{Control>}{Shift>}w{/Shift}{Alt>}w{/Alt}{/Control}");
  expect(agent.asked).not.toContain("close");
  await user.keyboard("{Control>}w{/Control}");
  expect(agent.asked).toContain("close");
});

test("programs that are not here are shown when asked for", async () => {
  const { user } = await open("programs");
  await screen.findByRole("heading", { name: "VS Code" });
  expect(screen.queryByRole("heading", { name: "Zed" })).toBeNull();
  await user.click(screen.getByRole("checkbox", { name: en.programs.showAll }));
  expect(screen.getByRole("heading", { name: "Zed" })).toBeTruthy();
  await expectAccessible();
});

test("a set-up that fails says why at the program", async () => {
  const refuse = { setUp: fixtures.problemOf("internal", { title: "Not set up", detail: "/home/ada/.claude.json is no JSON.", action: "Mend the file." }) };
  const { user } = await open("programs", { refuse });
  await user.click(await screen.findByRole("button", { name: en.programs.setUpOf("Claude Code") }));
  expect(await within(screen.getByRole("article", { name: "Claude Code" })).findByText("/home/ada/.claude.json is no JSON.")).toBeTruthy();
});

test("a set-up that fails says in any language what the agent knows of it, marked as English", async () => {
  const said = { title: "Not set up", detail: "/home/ada/.claude.json is no JSON.", action: "See `lanyard setup --help`." };
  const { user } = await open("programs", { refuse: { setUp: fixtures.problemOf("internal", said) } }, ["de-DE"]);
  await user.click(await screen.findByRole("button", { name: de.programs.setUpOf("Claude Code") }));
  const card = within(screen.getByRole("article", { name: "Claude Code" }));
  for (const text of Object.values(said)) expect((await card.findByText(text)).lang).toBe("en");
  expect(card.queryByText(de.faults.titles.internal)).toBeNull();
  await expectAccessible();
});

test("a defect of which nothing is known is told in the window's language", async () => {
  const refuse = { setUp: fixtures.problemOf("internal", { detail: "Lanyard met a fault of its own." }) };
  const { user } = await open("programs", { refuse }, ["de-DE"]);
  await user.click(await screen.findByRole("button", { name: de.programs.setUpOf("Claude Code") }));
  expect(await screen.findByText(de.faults.titles.internal)).toBeTruthy();
});

test("a computer without any known program says so", async () => {
  await open("programs", { clients: fixtures.clients.filter((client) => !client.installed) });
  expect(await screen.findByText(en.programs.noneHere)).toBeTruthy();
});

test("a program whose settings cannot be read says so in three sentences", async () => {
  const clients = fixtures.clients.map((client) => (client.name === "cursor" ? { ...client, servers: [], fault: "mcp.json is no JSON: line 3." } : client));
  await open("programs", { clients });
  const card = await screen.findByRole("article", { name: "Cursor" });
  for (const text of ["mcp.json is no JSON: line 3.", en.programs.unreadableAction, "Your IT support"]) expect(within(card).getByText(text)).toBeTruthy();
});

test("a key is removed, and only keys can be", async () => {
  const { agent, user } = await open("programs");
  await screen.findByRole("article", { name: "cursor" });
  expect(screen.getAllByRole("button", { name: /^Remove key/u })).toHaveLength(1);
  await user.click(screen.getByRole("button", { name: en.programs.removeKeyOf("cursor") }));
  await waitFor(() => expect(screen.queryByRole("article", { name: "cursor" })).toBeNull());
  expect(agent.asked).toContain("removeKey setup cursor");
});

test("the account tells who, since when and the next renewal", async () => {
  await open("account");
  expect(screen.getByText("ada@acme.example")).toBeTruthy();
  expect(screen.getByText(/6 hours ago/u)).toBeTruthy();
  expect(screen.getByText(/in 41 minutes/u)).toBeTruthy();
});

test("signing out and in again follows the agent", async () => {
  const { agent, user } = await open("account");
  await user.click(screen.getByRole("button", { name: en.signIn.signOut }));
  expect(await screen.findByText(en.reasons.user ?? "")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: en.signIn.again }));
  expect(await screen.findByText(en.signIn.browser)).toBeTruthy();
  agent.tell(fixtures.status());
  expect(await screen.findByRole("heading", { name: "Ada Lovelace" })).toBeTruthy();
  expect(agent.asked).toEqual(["signOut", "signIn"]);
});

test("who must only confirm is not told that nobody is signed in", async () => {
  await open("account", { status: fixtures.session({ state: "needs-user", reason: "step-up" }) });
  expect(screen.getByRole("button", { name: en.signIn.confirm })).toBeTruthy();
  expect(screen.queryByText(en.account.nobody)).toBeNull();
});

test("a sign-out that policy forbids is shown as managed and has no button", async () => {
  const settings = fixtures.policy.settings.map((row) => (row.name === "AllowSignOut" ? { ...row, value: false, origin: "/etc/lanyard/policy.d/20-kiosk.json" } : row));
  await open("account", { policy: { ...fixtures.policy, settings } });
  expect(await screen.findByText(en.signIn.notAllowed)).toBeTruthy();
  expect(screen.getByText("Set in /etc/lanyard/policy.d/20-kiosk.json")).toBeTruthy();
  expect(screen.queryByRole("button", { name: en.signIn.signOut })).toBeNull();
});

test("pause and resume are one button that says what is so", async () => {
  const { agent, user } = await open("account");
  await user.click(screen.getByRole("button", { name: en.account.pause }));
  expect(await screen.findByText(en.account.pausedWhat)).toBeTruthy();
  expect(screen.getAllByText(en.paused).length).toBeGreaterThan(0);
  await user.click(screen.getByRole("button", { name: en.account.resume }));
  await waitFor(() => expect(agent.asked).toEqual(["pause", "resume"]));
});

test("a pause is told above the servers too, and ends there", async () => {
  const plain = fixtures.status();
  const { agent, user } = await open("servers", { status: { ...plain, agent: { ...plain.agent, paused: true } } });
  expect(screen.getByText(en.account.pausedWhat)).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: en.account.resume }));
  await waitFor(() => expect(screen.queryByText(en.account.pausedWhat)).toBeNull());
  expect(agent.asked).toEqual(["resume"]);
});

test("a locked screen is told above the servers, and nobody can press it away", async () => {
  const plain = fixtures.status();
  await open("servers", { status: { ...plain, agent: { ...plain.agent, screen_locked: true } } });
  expect(screen.getByText(en.account.lockedWhat)).toBeTruthy();
  expect(screen.queryByRole("button", { name: en.account.resume })).toBeNull();
});

test("an identity provider that is away does not hide that ready servers go on for now", async () => {
  const fault = fixtures.problemOf("idp-unreachable", { detail: "It cannot be reached." });
  await open("servers", { status: fixtures.session({ state: "waiting", fault }) });
  expect(screen.getByText(`It cannot be reached. ${en.account.goesOn}`)).toBeTruthy();
});

test("the check shows each step, what was sent, what they said, and who can mend it", async () => {
  const { user } = await open("help");
  await user.click(screen.getByRole("button", { name: en.help.start }));
  const step = await screen.findByRole("article", { name: en.help.steps.assertion?.("Figma") ?? "" });
  expect(within(step).getByText(en.help.outcomes.failed)).toBeTruthy();
  expect(within(step).getByText("https://auth.figma.example")).toBeTruthy();
  expect(within(step).getByText(en.theirs(en.identityProvider))).toBeTruthy();
  expect(within(step).getByText(/Your identity team/u)).toBeTruthy();
  expect(await screen.findByText(en.help.bad("1"))).toBeTruthy();
  await expectAccessible();
});

test("diagnostics are listed first, and written only then", async () => {
  const { agent, user } = await open("help");
  expect(screen.queryByRole("button", { name: en.help.save })).toBeNull();
  await user.click(screen.getByRole("button", { name: en.help.list }));
  expect(await screen.findByText("agent.log")).toBeTruthy();
  expect(agent.asked).toEqual(["diagnostics"]);
  await user.click(screen.getByRole("button", { name: en.help.save }));
  expect(await screen.findByText("/home/ada/Downloads/lanyard-diagnostics-20260304.zip")).toBeTruthy();
  expect(agent.asked).toEqual(["diagnostics", "saveDiagnostics"]);
  await expectAccessible();
});

test("settings tell their source, and defaults come when asked for", async () => {
  const { user } = await open("help");
  const table = await screen.findByRole("table");
  expect(within(table).getAllByTitle("/etc/lanyard/policy.json").at(0)?.textContent).toBe("policy.json");
  expect(screen.getByText("Set in /etc/lanyard/policy.json")).toBeTruthy();
  expect(within(table).getByRole("row", { name: /^Servers/u }).textContent).toContain("linear, figma, wiki, calendar");
  expect(within(table).queryByText("OnScreenLock")).toBeNull();
  await user.click(screen.getByRole("checkbox", { name: en.help.defaults }));
  expect(within(table).getByRole("row", { name: /OnScreenLock/u }).textContent).toContain(en.help.default);
});

test("settings of several sources name each in full", async () => {
  const settings = fixtures.policy.settings.map((row) => (row.name === "Issuer" ? { ...row, origin: "/etc/lanyard/policy.d/policy.json" } : row));
  await open("help", { policy: { ...fixtures.policy, settings } });
  const table = await screen.findByRole("table");
  expect(within(table).getByRole("row", { name: /Issuer/u }).textContent).toContain("/etc/lanyard/policy.d/policy.json");
  expect(within(table).getByRole("row", { name: /ClientId/u }).textContent).toContain("/etc/lanyard/policy.json");
});

test("versions of everything are told", async () => {
  await open("help");
  expect(await screen.findByText("WebKitGTK 2.50.6")).toBeTruthy();
});
