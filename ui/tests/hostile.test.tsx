// Texts of others stay texts.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { problem } from "../src/agent";
import * as fixtures from "../src/mock/fixtures";
import { PAGES } from "../src/opening";
import { open } from "./window";

const MARKUP = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

function hostile() {
  const fault = fixtures.problemOf("idp-refused", { title: MARKUP, detail: MARKUP, action: MARKUP, contact: MARKUP });
  return {
    status: fixtures.status({
      servers: [fixtures.server("x", { title: MARKUP, url: `javascript:${MARKUP}`, scope: `a ${MARKUP}`, state: MARKUP, fault })],
      session: { state: "active", reason: MARKUP, account: { subject: MARKUP, name: MARKUP, email: MARKUP }, since: null, renews_at: null, fault },
      warnings: [MARKUP],
    }),
    audit: [{ id: 1, time: new Date(fixtures.NOW).toISOString(), event: "tool-called", outcome: "allowed", server: "x", tool: MARKUP, reason: MARKUP, client: { program: MARKUP, evidence: MARKUP } }],
    programs: [{ name: MARKUP, has_key: true, servers_today: [MARKUP] }],
    clients: [{ name: "x", title: MARKUP, installed: true, version: MARKUP, file: MARKUP, servers: [MARKUP], fault: MARKUP, door: MARKUP }],
    policy: { ...fixtures.policy, settings: [{ name: "OrganisationName", group: "", value: MARKUP, origin: MARKUP, fault: null }] },
    steps: [{ step: "idp", title: MARKUP, outcome: "failed" as const, found: MARKUP, theirs: MARKUP, who: MARKUP, sent: [[MARKUP, MARKUP] as [string, string]], fault, took_ms: 1 }],
  };
}

for (const page of PAGES) {
  test(`markup in any text of ${page} is shown as it is written`, async () => {
    const { place, user } = await open(page, hostile());
    if (page === "help") await user.click(screen.getByRole("button", { name: "Start the check" }));
    await waitFor(() => expect(place.textContent).toContain("onerror"));
    expect(place.querySelector("img, script, a, iframe, form")).toBeNull();
    expect(document.title).not.toBe("owned");
  });
}

test("no source writes markup, opens an address or keeps anything on disk", () => {
  const banned = /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|localStorage|sessionStorage|indexedDB|document\.cookie|window\.open|\bfetch\(|XMLHttpRequest|WebSocket|<a\b|href=/u;
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/u.test(name));
  expect(sources.length).toBeGreaterThan(25);
  const found = sources.filter((name) => banned.test(readFileSync(join("src", name), "utf8")));
  expect(found).toEqual([]);
});

test("only agent.ts and main.tsx know Tauri", () => {
  const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/u.test(name));
  const found = sources.filter((name) => readFileSync(join("src", name), "utf8").includes("@tauri-apps"));
  expect(found).toEqual(["agent.ts"]);
});

test("whatever is thrown becomes three sentences", () => {
  for (const thrown of ["a dump", new Error("x"), null, undefined, { detail: "only" }]) {
    expect(problem(thrown).action).toBe("Close the window and open it again.");
  }
  const own = fixtures.problemOf("busy");
  expect(problem(own)).toBe(own);
});
