//! Every state of the window in every look it can have: no accessibility fault, nothing cut off, and a picture for people.
//! The pages are those of the window under its own content security policy, before an agent made of fixtures, in Chromium,
//! which can be asked for every look; `face` has the real window before the real agent.

mod pages;
mod scenes;

use std::time::{Duration, Instant};

use sandbox::Window;
use sandbox::desk::{PATIENCE, skipped};
use serde_json::{Value, json};

use crate::rules::{self, axe};
use pages::Pages;
use scenes::{LOOKS, Look, SCENES, Scene};

/// The window as it opens.
const WIDTH: u64 = 900;
const HEIGHT: u64 = 640;
/// No picture is higher.
const HIGHEST: u64 = 6000;

/// The moment of the fixtures, so that the pictures of two runs can be compared.
const CLOCK: &str = "const shift = Date.parse('2026-03-04T14:20:00Z') - Date.now();
    globalThis.Date = class extends Date {
      constructor(...words) { words.length === 0 ? super(globalThis.Date.now()) : super(...words); }
      static now() { return super.now() + shift; }
    };";

/// Whether everything of a scene stands there: nothing changes between two frames.
const SETTLED: &str = "const done = arguments[arguments.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('h1') !== null)));";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_state_fits_and_is_accessible_in_every_look() {
    let Some(pages) = Pages::serve().await else { return skipped("the pages before fixtures were not built: `cargo xtask ui`") };
    let Some(axe) = axe() else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(window) = Window::open(folder.path()).await.unwrap() else { return };
    window.devtools("Emulation.setTimezoneOverride", &json!({"timezoneId": "UTC"})).await.unwrap();
    window.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": CLOCK })).await.unwrap();
    let mut faults = Vec::new();
    for look in &LOOKS {
        window.devtools("Emulation.setEmulatedMedia", &json!({ "features": look.features() })).await.unwrap();
        for scene in &SCENES {
            let name = format!("{}-{}", scene.name, look.name);
            open(&window, &pages, scene, look).await;
            let fits = window.script(&rules::beyond(look.size, look.direction)).await.unwrap();
            if fits != json!([true, []]) {
                faults.push(format!("{name}: beyond its room: {fits}"));
            }
            if look.is_judged {
                let violations = rules::violations(&window, &axe).await;
                faults.extend(violations.into_iter().map(|violation| format!("{name}: {violation}")));
            }
            picture(&window, look, &name).await;
            resize(&window, HEIGHT).await;
            let carried = window.script(rules::CARRIED).await.unwrap();
            if carried != json!([true, []]) {
                faults.push(format!("{name}: a focus carried the window along: {carried}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    window.close().await.unwrap();
}

async fn open(window: &Window, pages: &Pages, scene: &Scene, look: &Look) {
    resize(window, HEIGHT).await;
    window.visit(&pages.address(scene, look)).await.unwrap();
    let began = Instant::now();
    while window.script_async(SETTLED).await.unwrap() != true {
        assert!(began.elapsed() < PATIENCE, "{}: no page", scene.name);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    for selector in scene.press {
        let script = format!("document.querySelector({}).click()", json!(selector));
        window.script(&script).await.unwrap_or_else(|why| panic!("{}: {selector}: {why}", scene.name));
        window.script_async(SETTLED).await.unwrap();
    }
}

/// All of the page, and not only what a window shows at once.
async fn picture(window: &Window, look: &Look, name: &str) {
    let Some(folder) = sandbox::pictures("window") else { return };
    let dress = format!(
        "const root = document.documentElement; root.style.fontSize = '{}'; root.dir = '{}';
         const inner = document.querySelector('[role=tabpanel]:not([hidden]) .page-inner');
         return inner === null ? 0 : innerHeight - inner.parentElement.clientHeight + inner.offsetHeight + 80",
        look.size, look.direction
    );
    let height = window.script(&dress).await.unwrap().as_f64().unwrap_or_default() as u64;
    resize(window, height.clamp(HEIGHT, HIGHEST)).await;
    window.script_async(SETTLED).await.unwrap();
    window.picture(&folder.join(format!("{name}.png"))).await.unwrap();
}

async fn resize(window: &Window, height: u64) {
    let size: Value = json!({"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": false});
    window.devtools("Emulation.setDeviceMetricsOverride", &size).await.unwrap();
}
