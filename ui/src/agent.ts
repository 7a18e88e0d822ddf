// The only door between the pages and the agent. No answer has a field that could hold a token.

import { Channel, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import type { BundleFile, Client, PolicyReport, Program, Saved, SetUp } from "./documents";
import { OF_WINDOW } from "./generic";
import type { Opening } from "./opening";
import type { AuditEvent, DoctorStep, Problem, Status } from "./wire";

/** Ends what was begun. */
export type Stop = () => void;

/** What a support bundle holds, before anything is written. */
export type Bundle = { files: BundleFile[] };

/** What runs here. */
export type Versions = { window: string; webview: string | null; system: string };

/** Told each new Status; null while no agent answers, with why, where more is known than that none runs. */
export type Follower = (status: Status | null, why: Problem | null) => void;

/** What the pages may ask. Whatever fails rejects with a `Problem`. */
export interface Agent {
  opening(): Promise<Opening>;
  /** Told when a second start asks for a page, and why. */
  onOpening(listener: (opening: Opening) => void): Stop;
  /** Closes the window; the agent stays. */
  close(): Promise<void>;
  follow(follower: Follower): Stop;
  retry(server: string): Promise<void>;
  signIn(server: string | null): Promise<void>;
  signOut(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  audit(after: number): Promise<AuditEvent[]>;
  programs(): Promise<Program[]>;
  clients(): Promise<Client[]>;
  setUp(client: string): Promise<SetUp>;
  remove(client: string): Promise<SetUp>;
  removeKey(name: string): Promise<void>;
  policy(): Promise<PolicyReport>;
  /** Tells each step as it comes; resolves with the last. The signal ends the check. */
  doctor(server: string | null, listener: (step: DoctorStep) => void, signal: AbortSignal): Promise<void>;
  diagnostics(): Promise<Bundle>;
  saveDiagnostics(): Promise<Saved>;
  openSupport(): Promise<void>;
  versions(): Promise<Versions>;
}

/** How many checks were begun. */
let checks = 0;

/** The agent behind the Tauri commands of this window. */
export const tauri: Agent = {
  opening: () => ask("opening"),
  onOpening: (listener) => subscribed<Opening>("opening", listener),
  close: () => ask("close"),
  follow(follower) {
    let told = false;
    const tell: Follower = (status, why) => {
      told = true;
      follower(status, why);
    };
    const stops = [subscribed<Status>("status", (status) => tell(status, null)), subscribed<Problem | null>("away", (why) => tell(null, why))];
    // An event that came meanwhile is newer than this answer.
    ask<Status>("status").then(
      (status) => told || follower(status, null),
      (why: Problem) => told || follower(null, why.title === NOT_RUNNING ? null : why),
    );
    return () => stops.forEach((stop) => stop());
  },
  retry: (server) => ask("retry", { server }),
  signIn: (server) => ask("sign_in", { server }),
  signOut: () => ask("sign_out"),
  pause: () => ask("pause"),
  resume: () => ask("resume"),
  audit: (after) => ask("audit", { after }),
  programs: () => ask("programs"),
  clients: () => ask("clients"),
  setUp: (client) => ask("set_up", { client }),
  remove: (client) => ask("remove", { client }),
  removeKey: (name) => ask("remove_key", { name }),
  policy: () => ask("policy"),
  doctor(server, listener, signal) {
    const steps = new Channel<DoctorStep>();
    steps.onmessage = (step) => signal.aborted || listener(step);
    // A check that cannot be ended comes to its end unheard.
    const check = `${Date.now()}-${(checks += 1)}`;
    const stop = () => void ask("stop_doctor", { check }).catch(() => undefined);
    signal.addEventListener("abort", stop);
    return ask("doctor", { check, server, steps }).finally(() => signal.removeEventListener("abort", stop));
  },
  diagnostics: () => ask("diagnostics"),
  saveDiagnostics: () => ask("save_diagnostics"),
  openSupport: () => ask("open_support"),
  versions: () => ask("versions"),
};

/** The title by which this window's process tells that there is simply no agent. */
const NOT_RUNNING = "Lanyard is not running";

async function ask<T = void>(command: string, words: Record<string, unknown> = {}): Promise<T> {
  try {
    return await invoke<T>(command, words);
  } catch (why) {
    throw problem(why);
  }
}

function subscribed<T>(name: string, listener: (payload: T) => void): Stop {
  const unlisten = listen<T>(name, (event) => listener(event.payload));
  return () => void unlisten.then((stop) => stop());
}

/** What was thrown, as a problem with its three sentences. */
export function problem(why: unknown): Problem {
  if (typeof why === "object" && why !== null && "detail" in why && "action" in why && "contact" in why && "code" in why) {
    return why as Problem;
  }
  return {
    type: "urn:lanyard:fault:internal",
    title: "Something broke",
    detail: OF_WINDOW,
    status: 500,
    code: "internal",
    action: "Close the window and open it again.",
    contact: "your IT support",
    retry: "never",
  };
}
