// Which fixture `npm run dev` shows: `?state=unconfigured&page=help`.

import { isPage } from "../opening";
import type { Status } from "../wire";
import { MockAgent, type World } from "./agent";
import * as fixtures from "./fixtures";

const STATES: Record<string, () => Partial<World>> = {
  active: () => ({}),
  unconfigured: () => ({ status: fixtures.unconfigured(), policy: fixtures.noPolicy, audit: [], programs: [] }),
  "signed-out": () => ({ status: fixtures.session({ state: "signed-out", reason: "never", account: null, since: null, renews_at: null }) }),
  revoked: () => ({
    status: fixtures.session({ state: "signed-out", reason: "revoked", account: null, since: null, renews_at: null, fault: fixtures.problemOf("idp-refused") }),
  }),
  "needs-user": () => ({ status: fixtures.session({ state: "needs-user", reason: "step-up" }) }),
  waiting: () => ({ status: fixtures.session({ state: "waiting", fault: fixtures.problemOf("idp-unreachable") }) }),
  paused: () => ({ status: paused() }),
  away: () => ({ status: null }),
};

function paused(): Status {
  const plain = fixtures.status();
  return { ...plain, agent: { ...plain.agent, paused: true } };
}

export function fromAddress(): MockAgent {
  const asked = new URLSearchParams(location.search);
  const page = asked.get("page");
  const state = STATES[asked.get("state") ?? "active"] ?? STATES.active;
  return new MockAgent({ ...state?.(), opening: { page: isPage(page) ? page : "servers", reason: asked.get("reason") } });
}
