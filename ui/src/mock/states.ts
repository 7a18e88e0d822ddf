// The states that the window can show, by name: for `npm run dev`, and for pictures of all of them.

import type { ServerStatus, Status } from "../wire";
import type { World } from "./agent";
import * as fixtures from "./fixtures";

const ENDED = { account: null, since: null, renews_at: null };

const signInNeeded = fixtures.problemOf("sign-in-required", {
  title: "Sign-in needed",
  detail: "Your identity provider ended the sign-in: the account may be disabled, or the session was revoked.",
  action: "Run `lanyard login`.",
});

const stepUp = fixtures.problemOf("step-up-required", {
  title: "Stronger sign-in needed",
  detail: "Your identity provider wants you to confirm who you are before this server may be used.",
  action: "Run `lanyard login`, and confirm in the browser.",
});

const vaultLocked = fixtures.problemOf("vault-locked", {
  title: "Keychain locked",
  detail: "The keychain that protects your sign-in is locked.",
  action: "Unlock it, or run `lanyard login`.",
});

const idpAway = fixtures.problemOf("idp-unreachable", {
  title: "Identity provider away",
  detail: "Your identity provider cannot be reached from this computer at the moment.",
  action: "Check the network; Lanyard tries again by itself.",
  retry: "after",
  retry_after: 40,
});

const away = fixtures.problemOf("server-unreachable", {
  title: "Server away",
  detail: "The server does not answer.",
  action: "Wait; Lanyard tries again by itself. If it stays, ask whether the server runs.",
  contact: "the owner of the server",
  retry: "after",
  retry_after: 95,
});

const everyServer: ServerStatus[] = [
  fixtures.server("linear", { state: "ready", expires_at: fixtures.at(42), scope: "read write", last_used: fixtures.at(-3), mints_this_month: 31 }),
  fixtures.server("wiki", { title: "Company wiki", state: "renewing", expires_at: fixtures.at(1), scope: "pages:read search", last_used: fixtures.at(-26), mints_this_month: 262 }),
  fixtures.server("figma", { state: "denied", fault: fixtures.problemOf("idp-refused"), last_used: fixtures.at(-65) }),
  fixtures.server("tickets", { state: "unreachable", fault: away, last_used: fixtures.at(-190) }),
  fixtures.server("warehouse", {
    title: "Warehouse of the Northern Region and All of Its Branches",
    url: "https://warehouse.northern-region.internal.acme.example/services/model-context-protocol/v2/mcp",
    state: "misconfigured",
    fault: fixtures.problemOf("server-misconfigured", {
      title: "Server not set up right",
      detail: "The server's authorization server does not accept what the identity provider issues.",
      action: "Run `lanyard doctor warehouse`, and send what it says to IT.",
    }),
  }),
  fixtures.server("payroll", {
    state: "needs-user",
    fault: stepUp,
  }),
  fixtures.server("calendar", { mint_budget: 0, mints_this_month: 4, last_used: fixtures.at(-1500) }),
];

const faulty = {
  origin: "/etc/lanyard/conf.d/20-identity.json",
  setting: "Issuer",
  message: "`htps://acme.okta.example` is no https address.",
};

const policyFaulty = fixtures.problemOf("policy-fault", {
  title: "Policy is faulty",
  detail: "The Lanyard policy of this computer has a fault in a setting that decides who may sign in.",
  action: "Run `lanyard policy check`, and let IT mend it.",
});

const keyUnusable = fixtures.problemOf("policy-fault", {
  title: "Policy is faulty",
  detail:
    "The Lanyard policy of this computer has a fault in a setting that decides who may sign in. ClientKeyFile cannot be used: /etc/lanyard/client.pem holds no key.",
  action: "Run `lanyard policy` to see which setting, and let IT mend it.",
});

export const STATES: Record<string, () => Partial<World>> = {
  active: () => ({}),
  "every-state": () => ({ status: fixtures.status({ servers: everyServer }) }),
  quiet: () => ({ status: fixtures.status({ servers: [] }), audit: [], programs: [], clients: [] }),
  unconfigured: () => ({ status: fixtures.unconfigured(), policy: fixtures.noPolicy, audit: [], programs: [] }),
  faulty: () => ({
    status: { ...fixtures.unconfigured(policyFaulty), policy: { ...fixtures.status().policy, faults: [faulty] } },
    policy: { ...fixtures.policy, faults: [faulty], unknown: [{ name: "Isuer", origin: faulty.origin, nearest: "Issuer" }] },
    audit: [],
    programs: [],
  }),
  unusable: () => ({ status: fixtures.unconfigured(keyUnusable), audit: [], programs: [] }),
  "signed-out": () => ({ status: fixtures.session({ state: "signed-out", reason: "never", ...ENDED }) }),
  "signing-in": () => ({ status: fixtures.session({ state: "signing-in", ...ENDED }) }),
  revoked: () => ({ status: fixtures.session({ state: "signed-out", reason: "revoked", ...ENDED, fault: signInNeeded }) }),
  "needs-user": () => ({ status: fixtures.session({ state: "needs-user", reason: "step-up", fault: stepUp }) }),
  waiting: () => ({ status: fixtures.session({ state: "waiting", fault: idpAway }) }),
  vault: () => ({
    status: { ...fixtures.session({ state: "vault-closed", reason: "locked", ...ENDED, fault: vaultLocked }), vault: { kind: "keychain", state: "locked" } },
  }),
  paused: () => ({ status: resting({ paused: true }) }),
  "screen-locked": () => ({ status: resting({ screen_locked: true }) }),
  running: () => ({ stepsEnd: false }),
  away: () => ({ status: null }),
  silent: () => ({ status: null, why: fixtures.impostor }),
};

function resting(changes: Partial<Status["agent"]>): Status {
  const plain = fixtures.status();
  return { ...plain, agent: { ...plain.agent, ...changes } };
}
