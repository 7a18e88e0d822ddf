// An employee's day, for tests and for `npm run dev`.

import type { BundleFile, Client, PolicyReport, Program } from "../documents";
import type { AuditEvent, DoctorStep, Problem, ServerStatus, Status } from "../wire";

/** The moment of the fixtures: an afternoon, or now where somebody looks at it. */
export const NOW = import.meta.env.MODE === "mock" ? Date.now() : Date.parse("2026-03-04T14:20:00Z");

export const at = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

export function problemOf(code: Problem["code"], changes: Partial<Problem> = {}): Problem {
  return {
    type: `urn:lanyard:fault:${code}`,
    title: "Access refused",
    detail: "Your identity provider does not allow your account to use this server.",
    status: 403,
    code,
    action: "Ask for access, then run `lanyard retry` for the server or sign in again.",
    contact: "it@acme.example",
    retry: "after-person",
    ...changes,
  };
}

export function server(id: string, changes: Partial<ServerStatus> = {}): ServerStatus {
  return {
    id,
    title: id.charAt(0).toUpperCase() + id.slice(1),
    url: `https://mcp.${id}.example/mcp`,
    state: "idle",
    expires_at: null,
    scope: null,
    last_used: null,
    mints_this_month: 0,
    mint_budget: 250,
    fault: null,
    ...changes,
  };
}

export function status(changes: Partial<Status> = {}): Status {
  return {
    schema: 1,
    version: "0.1.0",
    agent: { running: true, pid: 4711, since: at(-380), paused: false, screen_locked: false },
    policy: { managed: true, origins: ["/etc/lanyard/policy.json"], hash: "3f9a1c", faults: [], unknown: [] },
    session: {
      state: "active",
      reason: null,
      account: { subject: "00u1ada", name: "Ada Lovelace", email: "ada@acme.example" },
      since: at(-372),
      renews_at: at(41),
      fault: null,
    },
    servers: [
      server("linear", { state: "ready", expires_at: at(42), scope: "read write", last_used: at(-3), mints_this_month: 31 }),
      server("figma", { state: "denied", fault: problemOf("idp-refused"), last_used: at(-65) }),
      server("wiki", { title: "Company wiki", state: "ready", expires_at: at(6), scope: "pages:read search", last_used: at(-26), mints_this_month: 214 }),
      server("calendar", { mint_budget: 0, mints_this_month: 4, last_used: at(-1500) }),
    ],
    doors: { socket: "/run/user/1000/lanyard/lanyard.sock", loopback: "http://127.0.0.1:41873" },
    vault: { kind: "keychain", state: "open" },
    warnings: [],
    ...changes,
  };
}

export function session(changes: Partial<Status["session"]>): Status {
  const plain = status();
  return { ...plain, session: { ...plain.session, ...changes } };
}

const notConfigured = problemOf("not-configured", {
  title: "Not set up yet",
  detail: "This computer has no Lanyard policy that names an identity provider.",
  action: "Wait until your organisation has set it up; nothing needs to be done here.",
  contact: "your IT support",
});

export const unconfigured = (fault = notConfigured): Status =>
  status({
    policy: { managed: false, origins: [], hash: "", faults: [], unknown: [] },
    servers: [],
    session: {
      state: "unconfigured",
      reason: null,
      account: null,
      since: null,
      renews_at: null,
      fault,
    },
  });

export const impostor = problemOf("internal", {
  title: "Another's socket",
  detail: "/run/user/1000/lanyard/lanyard.sock does not belong to you, so nothing was sent to it.",
  action: "Let IT look at who made it before you go on.",
  contact: "your IT support",
});

export const programs: Program[] = [
  { name: "/usr/bin/code", has_key: false, last_used: at(-3), servers_today: ["linear", "wiki"] },
  { name: "/usr/local/bin/claude", has_key: false, last_used: at(-26), servers_today: ["wiki", "figma"] },
  { name: "setup cursor", has_key: true, created: at(-60 * 24 * 12), last_used: at(-120), servers_today: ["linear"] },
];

export const clients: Client[] = [
  { name: "vscode", title: "VS Code", installed: true, version: "1.109.0", file: "/home/ada/.config/Code/User/mcp.json", servers: ["linear", "wiki"], fault: null, door: "socket" },
  { name: "claude-code", title: "Claude Code", installed: true, version: "2.1.330", file: "/home/ada/.claude.json", servers: [], fault: null, door: "bridge" },
  { name: "cursor", title: "Cursor", installed: true, version: null, file: "/home/ada/.cursor/mcp.json", servers: ["linear"], fault: null, door: "loopback" },
  { name: "zed", title: "Zed", installed: false, version: null, file: "/home/ada/.config/zed/settings.json", servers: [], fault: null, door: "bridge" },
];

export function audit(): AuditEvent[] {
  const code = { program: "/usr/bin/code", pid: 900, uid: 1000, evidence: "held-handle" };
  const claude = { program: "/usr/local/bin/claude", pid: 911, uid: 1000, evidence: "held-handle" };
  const events: Omit<AuditEvent, "id">[] = [
    { time: at(-1500), event: "token-served", outcome: "allowed", server: "calendar", client: code, door: "socket", token_life: 3600, count: 4 },
    { time: at(-372), event: "signed-in", outcome: "allowed", account: "ada@acme.example" },
    { time: at(-330), event: "token-served", outcome: "allowed", server: "linear", client: code, door: "socket", scopes: ["read", "write"], token_life: 3600, count: 6 },
    { time: at(-270), event: "tool-called", outcome: "allowed", server: "wiki", tool: "search", client: claude, door: "socket", count: 11 },
    { time: at(-215), event: "tool-called", outcome: "allowed", server: "wiki", tool: "read_page", client: claude, door: "socket", count: 17 },
    { time: at(-160), event: "server-used", outcome: "allowed", server: "linear", client: { program: "setup cursor", evidence: "none" }, door: "loopback", count: 9 },
    { time: at(-100), event: "policy-changed", outcome: "allowed", reason: "Servers" },
    { time: at(-65), event: "token-refused", outcome: "refused", server: "figma", client: claude, door: "socket", fault: "idp-refused", count: 3 },
    { time: at(-40), event: "tool-refused", outcome: "refused", server: "wiki", tool: "delete_page", client: claude, door: "socket", fault: "door-closed" },
    { time: at(-26), event: "tool-called", outcome: "allowed", server: "wiki", tool: "search", client: claude, door: "socket", token_life: 3600, count: 8 },
    { time: at(-3), event: "token-served", outcome: "allowed", server: "linear", client: code, door: "socket", scopes: ["read", "write"], token_life: 3600, count: 2 },
  ];
  return events.map((event, at) => ({ id: at + 1, ...event }));
}

const row = (name: string, group: string, value: unknown, origin = "/etc/lanyard/policy.json") => ({ name, group, value, origin, fault: null });

export const policy: PolicyReport = {
  managed: true,
  origins: ["/etc/lanyard/policy.json"],
  hash: "3f9a1c",
  settings: [
    row("Issuer", "Identity", "https://acme.okta.example"),
    row("ClientId", "Identity", "0oa1lanyard"),
    row("ClientSecret", "Identity", "not set", "default"),
    row("AllowedAccounts", "Identity", ["domain:acme.example"]),
    row("Servers", "Servers", { linear: { url: "https://mcp.linear.example/mcp" }, figma: {}, wiki: {}, calendar: {} }),
    row("OnScreenLock", "Session", "keep", "default"),
    row("OrganisationName", "People", "Acme"),
    row("SupportContact", "People", "it@acme.example"),
    row("SupportUrl", "People", "https://help.acme.example"),
    row("AllowSignOut", "People", true, "default"),
    row("LogLevel", "People", "info", "default"),
  ],
  faults: [],
  unknown: [],
};

export const noPolicy: PolicyReport = {
  managed: false,
  origins: [],
  hash: "",
  settings: [row("Issuer", "Identity", null, "default"), row("ClientId", "Identity", null, "default"), row("SupportContact", "People", null, "default")],
  faults: [],
  unknown: [],
};

export const bundle: BundleFile[] = [
  { name: "status.json", about: "what is so now", bytes: 2210 },
  { name: "policy.json", about: "what applies, and from where", bytes: 5120 },
  { name: "agent.log", about: "the last lines of the log", bytes: 48_300 },
];

export const steps: DoctorStep[] = [
  { step: "policy", title: "Read the policy", outcome: "good", found: "/etc/lanyard/policy.json", took_ms: 2 },
  { step: "idp", title: "Ask the identity provider for its metadata", outcome: "good", found: "https://acme.okta.example", took_ms: 84 },
  { step: "session", title: "Look at the session", outcome: "good", found: "Signed in as ada@acme.example.", took_ms: 0 },
  { server: "figma", step: "resource-metadata", title: "Find the authorization server of Figma", outcome: "good", found: "https://auth.figma.example", took_ms: 120 },
  {
    server: "figma",
    step: "assertion",
    title: "Ask the identity provider for an assertion",
    outcome: "failed",
    found: "The identity provider said no.",
    sent: [
      ["audience", "https://auth.figma.example"],
      ["resource", "https://mcp.figma.example/mcp"],
    ],
    theirs: "access_denied: the user is not assigned to this application",
    who: "Your identity team, by assigning the application to the account.",
    fault: problemOf("idp-refused"),
    took_ms: 240,
  },
  { server: "figma", step: "tools", title: "List the tools of Figma", outcome: "skipped", took_ms: 0 },
];
