// An agent made of fixtures: what the pages are tested and shaped against.

import type { Agent, Follower } from "../agent";
import type { Client, PolicyReport, Program } from "../documents";
import type { Opening, Page } from "../opening";
import type { AuditEvent, DoctorStep, Problem, Status } from "../wire";
import * as fixtures from "./fixtures";

export type World = {
  opening: Opening;
  status: Status | null;
  /** Why there is no Status. */
  why: Problem | null;
  audit: AuditEvent[];
  programs: Program[];
  clients: Client[];
  policy: PolicyReport;
  steps: DoctorStep[];
  /** Whether the check comes to its end. */
  stepsEnd: boolean;
  /** What an asking of this name is refused with. */
  refuse: Partial<Record<keyof Agent | "stopDoctor", Problem>>;
};

export const world = (changes: Partial<World> = {}): World => ({
  opening: { page: "servers", reason: null },
  status: fixtures.status(),
  why: null,
  audit: fixtures.audit(),
  programs: [...fixtures.programs],
  clients: fixtures.clients.map((client) => ({ ...client })),
  policy: fixtures.policy,
  steps: fixtures.steps,
  stepsEnd: true,
  refuse: {},
  ...changes,
});

export class MockAgent implements Agent {
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  readonly world: World;
  #followers = new Set<Follower>();
  #openings = new Set<(opening: Opening) => void>();

  constructor(changes: Partial<World> = {}) {
    this.world = world(changes);
  }

  /** As the agent does when something changed. */
  tell(status: Status | null, why: Problem | null = null): void {
    Object.assign(this.world, { status, why });
    this.#followers.forEach((follower) => follower(status, why));
  }

  /** As a second start does. */
  open(page: Page, reason: string | null = null): void {
    this.#openings.forEach((listener) => listener({ page, reason }));
  }

  async #answer<T>(name: keyof Agent | "stopDoctor", words: unknown[], value: () => T): Promise<T> {
    this.asked.push([name, ...words].join(" "));
    const refusal = this.world.refuse[name];
    if (refusal !== undefined) throw refusal;
    return value();
  }

  #change(changes: (status: Status) => Partial<Status>): void {
    const { status } = this.world;
    if (status !== null) this.tell({ ...status, ...changes(status) });
  }

  opening = async () => this.world.opening;
  close = () => this.#answer("close", [], () => undefined);
  onOpening(listener: (opening: Opening) => void) {
    this.#openings.add(listener);
    return () => void this.#openings.delete(listener);
  }
  follow(follower: Follower) {
    this.#followers.add(follower);
    void Promise.resolve().then(() => this.#followers.has(follower) && follower(this.world.status, this.world.why));
    return () => void this.#followers.delete(follower);
  }
  retry = (server: string) =>
    this.#answer("retry", [server], () =>
      this.#change((status) => ({ servers: status.servers.map((known) => (known.id === server ? { ...known, state: "idle", fault: null } : known)) })),
    );
  signIn = (server: string | null) =>
    this.#answer("signIn", server === null ? [] : [server], () => this.#change((status) => ({ session: { ...status.session, state: "signing-in" } })));
  signOut = () =>
    this.#answer("signOut", [], () =>
      this.#change(() => ({ session: { state: "signed-out", reason: "user", account: null, since: null, renews_at: null, fault: null } })),
    );
  pause = () => this.#answer("pause", [], () => this.#change((status) => ({ agent: { ...status.agent, paused: true } })));
  resume = () => this.#answer("resume", [], () => this.#change((status) => ({ agent: { ...status.agent, paused: false } })));
  audit = async (after: number) => this.world.audit.filter((event) => event.id > after);
  programs = async () => this.world.programs;
  clients = () => this.#answer("clients", [], () => this.world.clients.map((client) => ({ ...client })));
  setUp = (client: string) => this.#setUp("setUp", client, this.world.status?.servers.map((server) => server.id) ?? []);
  remove = (client: string) => this.#setUp("remove", client, []);
  #setUp(name: "setUp" | "remove", client: string, servers: string[]) {
    return this.#answer(name, [client], () => {
      const known = this.world.clients.find((known) => known.name === client);
      if (known !== undefined) known.servers = servers;
      return { client, file: known?.file ?? "", changed: true };
    });
  }
  removeKey = (name: string) =>
    this.#answer("removeKey", [name], () => {
      this.world.programs = this.world.programs.filter((program) => program.name !== name);
    });
  policy = async () => this.world.policy;
  async doctor(server: string | null, listener: (step: DoctorStep) => void, signal: AbortSignal) {
    const ended = new Promise<void>((end) => signal.addEventListener("abort", () => end(this.#answer("stopDoctor", [], () => undefined))));
    await this.#answer("doctor", server === null ? [] : [server], () => undefined);
    for (const step of this.world.steps) {
      await Promise.resolve();
      if (!signal.aborted) listener(step);
    }
    if (!this.world.stepsEnd) await ended;
  }
  diagnostics = () => this.#answer("diagnostics", [], () => ({ files: fixtures.bundle }));
  saveDiagnostics = () => this.#answer("saveDiagnostics", [], () => ({ file: "/home/ada/Downloads/lanyard-diagnostics-20260304.zip", files: fixtures.bundle }));
  openSupport = () => this.#answer("openSupport", [], () => undefined);
  versions = async () => ({ window: "0.1.0", webview: "WebKitGTK 2.50.6", system: "Debian GNU/Linux 12" });
}
