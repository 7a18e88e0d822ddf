import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { tauri, type Agent } from "./agent";
import { App } from "./app";
import "./look/tokens.css";
import "./look/base.css";
import "./look/frame.css";
import "./look/controls.css";
import "./look/parts.css";
import "./look/chart.css";

/** `npm run dev` shows the window in a browser, before an agent made of fixtures. */
async function given(): Promise<{ agent: Agent; languages: readonly string[] }> {
  if (import.meta.env.MODE !== "mock") return { agent: tauri, languages: navigator.languages };
  const { fromAddress } = await import("./mock/browser");
  return fromAddress();
}

const place = document.getElementById("window");
if (place !== null) {
  const root = createRoot(place);
  void given().then((given) =>
    root.render(
      <StrictMode>
        <App {...given} />
      </StrictMode>,
    ),
  );
}
