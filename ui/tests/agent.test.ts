// The agent behind the commands of the window's process.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test, vi } from "vitest";

import { tauri } from "../src/agent";
import type { DoctorStep } from "../src/wire";

type Answer = (command: string, words: unknown) => unknown;

function answering(answer: Answer) {
  const asked = vi.fn(answer);
  mockIPC((command, words) => asked(command, words), { shouldMockEvents: true });
  return asked;
}

const commands = (asked: ReturnType<typeof answering>) => asked.mock.calls.map(([command]) => command);

afterEach(clearMocks);

test("a check that nobody waits for is ended, and its steps are no longer told", async () => {
  const asked = answering((command) => (command === "doctor" ? new Promise(() => undefined) : null));
  const steps: DoctorStep[] = [];
  const signal = new AbortController();
  void tauri.doctor("figma", (step) => steps.push(step), signal.signal);
  await vi.waitFor(() => expect(commands(asked)).toEqual(["doctor"]));
  const channel = (asked.mock.calls[0]?.[1] as { steps: { onmessage: (step: DoctorStep) => void } }).steps;
  const step: DoctorStep = { step: "policy", title: "", outcome: "good", took_ms: 1 };
  channel.onmessage(step);
  signal.abort();
  channel.onmessage(step);
  expect(steps).toEqual([step]);
  await vi.waitFor(() => expect(commands(asked)).toEqual(["doctor", "stop_doctor"]));
});

test("a check that came to its end ends no other", async () => {
  const asked = answering(() => null);
  const signal = new AbortController();
  await tauri.doctor(null, () => undefined, signal.signal);
  signal.abort();
  expect(commands(asked)).toEqual(["doctor"]);
});
