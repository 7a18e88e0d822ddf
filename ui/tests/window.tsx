// The window as tests see it.

import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { expect } from "vitest";

import { App } from "../src/app";
import type { Page } from "../src/opening";
import { MockAgent, type World } from "../src/mock/agent";
import { en } from "../src/words/en";

export type Opened = { agent: MockAgent; user: ReturnType<typeof userEvent.setup>; place: HTMLElement };

/** Opens it, and waits until it shows what the agent says. */
export async function open(page: Page, changes: Partial<World> = {}, languages: readonly string[] = ["en-GB"]): Promise<Opened> {
  const agent = new MockAgent({ opening: { page, reason: null }, ...changes });
  const user = userEvent.setup();
  const { container } = render(<App agent={agent} languages={languages} />);
  await screen.findByRole("main");
  await screen.findAllByRole("heading", { level: 1 });
  return { agent, user, place: container };
}

/** The rules need a layout for colours, which jsdom has not: those are tried in the real window. */
const NEEDS_LAYOUT = { "color-contrast": { enabled: false } };

export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document, { rules: NEEDS_LAYOUT });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}

export { en };
