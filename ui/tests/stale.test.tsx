// A fault goes when what it is about changed.

import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import * as fixtures from "../src/mock/fixtures";
import { en, open } from "./window";

const busy = fixtures.problemOf("busy", { detail: "Too many requests are waiting." });
const gone = { account: null, since: null, renews_at: null };
const signedOut = fixtures.session({ state: "signed-out", reason: "never", ...gone });
const said = () => screen.queryByText(busy.detail);

test("a try that failed is forgotten once the server is ready, and stays so", async () => {
  const { agent, user } = await open("servers", { refuse: { retry: busy } });
  await user.click(screen.getByRole("button", { name: en.servers.retryOf("Figma") }));
  expect(await screen.findByText(busy.detail)).toBeTruthy();
  const refused = fixtures.status();
  act(() => agent.tell(fixtures.status({ servers: refused.servers.map((server) => ({ ...server, last_used: fixtures.at(0) })) })));
  expect(said()).toBeTruthy();
  act(() => agent.tell(fixtures.status({ servers: refused.servers.map((server) => ({ ...server, state: "ready", fault: null })) })));
  expect(said()).toBeNull();
  act(() => agent.tell(refused));
  expect(said()).toBeNull();
  expect(within(screen.getByRole("article", { name: "Figma" })).getByText(refused.servers[1]?.fault?.detail ?? "")).toBeTruthy();
});

test("a sign-in that failed is told until the next begins, also where its fault came before the state was back", async () => {
  const { agent, user } = await open("account", { status: signedOut, refuse: { signIn: busy } });
  let refuse: () => void = () => undefined;
  agent.signIn = () => new Promise((_, reject) => (refuse = () => reject(busy)));
  const signingIn = fixtures.session({ state: "signing-in", ...gone });
  await user.click(screen.getByRole("button", { name: en.signIn.signIn }));
  act(() => agent.tell(signingIn));
  await act(async () => refuse());
  expect(said()).toBeTruthy();
  act(() => agent.tell(signedOut));
  expect(said()).toBeTruthy();
  act(() => agent.tell(signingIn));
  expect(said()).toBeNull();
  act(() => agent.tell(signedOut));
  expect(said()).toBeNull();
});

test("a pause and a sign-out that failed are forgotten when they came about otherwise", async () => {
  const { agent, user } = await open("account", { refuse: { pause: busy, signOut: fixtures.problemOf("internal", { detail: "Not signed out." }) } });
  await user.click(screen.getByRole("button", { name: en.account.pause }));
  await user.click(screen.getByRole("button", { name: en.signIn.signOut }));
  expect(await screen.findByText(busy.detail)).toBeTruthy();
  expect(await screen.findByText("Not signed out.")).toBeTruthy();
  const plain = fixtures.session({ state: "waiting" });
  act(() => agent.tell({ ...plain, agent: { ...plain.agent, paused: true } }));
  expect(said()).toBeNull();
  expect(screen.queryByText("Not signed out.")).toBeNull();
});

test("no sign-in is offered while the keychain is only being opened", async () => {
  const { agent } = await open("account", { status: fixtures.session({ state: "vault-closed", reason: "opening", ...gone }) });
  expect(screen.getByText(en.reasons.opening ?? "")).toBeTruthy();
  expect(screen.queryByRole("button", { name: en.signIn.again })).toBeNull();
  act(() => agent.tell(fixtures.session({ state: "vault-closed", reason: "locked", ...gone })));
  await waitFor(() => expect(screen.getByRole("button", { name: en.signIn.again })).toBeTruthy());
});
