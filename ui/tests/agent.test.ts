// The agent behind the commands of the window's process.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, describe, expect, test, vi } from "vitest";

import { tauri } from "../src/agent";
import * as fixtures from "../src/mock/fixtures";
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

test("Status is told as it comes, and so is an agent that is away, with why where that is known", async () => {
  answering(() => new Promise(() => undefined));
  const told = vi.fn();
  const stop = tauri.follow(told);
  await vi.waitFor(async () => {
    await emit("status", fixtures.status());
    expect(told).toHaveBeenLastCalledWith(fixtures.status(), null);
  });
  await emit("away", fixtures.impostor);
  expect(told).toHaveBeenLastCalledWith(null, fixtures.impostor);
  await emit("away", null);
  expect(told).toHaveBeenLastCalledWith(null, null);
  stop();
});

describe("the first asking", () => {
  const none = fixtures.problemOf("internal", { title: "Lanyard is not running" });
  const table: [string, Answer, unknown[]][] = [
    ["tells the Status", () => fixtures.status(), [fixtures.status(), null]],
    ["tells that no agent runs", () => Promise.reject(none), [null, null]],
    ["tells why the agent cannot be talked to", () => Promise.reject(fixtures.impostor), [null, fixtures.impostor]],
  ];
  for (const [name, answer, wanted] of table) {
    test(name, async () => {
      answering(answer);
      const told = vi.fn();
      tauri.follow(told);
      await vi.waitFor(() => expect(told.mock.calls).toEqual([wanted]));
    });
  }

  test("is no news when an event came meanwhile", async () => {
    let answer: (value: unknown) => void = () => undefined;
    answering(() => new Promise((resolve) => (answer = resolve)));
    const told = vi.fn();
    tauri.follow(told);
    await vi.waitFor(async () => {
      await emit("away", null);
      expect(told).toHaveBeenLastCalledWith(null, null);
    });
    answer(fixtures.status());
    await new Promise((resolve) => setTimeout(resolve));
    expect(told).toHaveBeenLastCalledWith(null, null);
  });
});
