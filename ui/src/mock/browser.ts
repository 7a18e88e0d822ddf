// Which fixture `npm run dev` shows: `?state=unconfigured&page=help&language=de`.

import { isPage } from "../opening";
import { MockAgent } from "./agent";
import { STATES } from "./states";

export function fromAddress(): { agent: MockAgent; languages: readonly string[] } {
  const asked = new URLSearchParams(location.search);
  const page = asked.get("page");
  const language = asked.get("language");
  const state = STATES[asked.get("state") ?? "active"] ?? STATES.active;
  return {
    agent: new MockAgent({ ...state?.(), opening: { page: isPage(page) ? page : "servers", reason: asked.get("reason") } }),
    languages: language === null ? navigator.languages : [language],
  };
}
