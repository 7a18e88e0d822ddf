import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

import { NOW } from "../src/mock/fixtures";

configure({ asyncUtilTimeout: 5000 });

beforeEach(() => {
  // Timers stay real, so that a test waits for what it waits for; the clock tells the moment of the fixtures.
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.restoreAllMocks();
});
