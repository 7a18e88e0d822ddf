//! A hand at the window: opens it, and uses it by keys.

use std::time::{Duration, Instant};

use sandbox::desk::{PATIENCE, binary, skipped};
use sandbox::desktop::Look;
use sandbox::{Desk, Desktop, Window};
use serde_json::{Value, json};

use crate::rules::{self, axe};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const DOWN: &str = "\u{E015}";

pub(crate) const PAGES: [&str; 5] = ["Servers", "Activity", "Programs", "Account", "Help"];

/// More stops than any page has.
const STOPS: usize = 80;

/// What stands in the window where nobody built the pages before it.
const UNBUILT: &str = "This build of Lanyard has no window";

/// The window.
pub(crate) struct Face {
    pub(crate) window: Window,
}

impl Face {
    /// Opens it at a page, on a desktop of its own without a panel; none where the machine lacks something.
    pub(crate) async fn open(desk: &mut Desk, page: &str) -> Option<(Desktop, Self)> {
        let desktop = Desktop::start(desk, Look::Bare).await.unwrap()?;
        let face = Self::beside(desk, page).await?;
        Some((desktop, face))
    }

    /// The same on the desktop that the desk has.
    pub(crate) async fn beside(desk: &Desk, page: &str) -> Option<Self> {
        let face = Self::of(desk, page).await?;
        let is_there = "return document.querySelectorAll('[role=tab]').length";
        let began = Instant::now();
        while face.window.script(is_there).await.unwrap() != PAGES.len() {
            assert!(began.elapsed() < PATIENCE, "the window does not fill: {:?}", face.window.text().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(face)
    }

    /// The same, whatever it shows.
    pub(crate) async fn of(desk: &Desk, page: &str) -> Option<Self> {
        let program = binary("lanyard-tray");
        if !program.exists() {
            skipped("no lanyard-tray was built");
            return None;
        }
        let window = Window::of_program(desk, &program, &["--window", page]).await.unwrap()?;
        let face = Self { window };
        let text = face.until("its pages", |text| !text.is_empty()).await;
        if text.contains(UNBUILT) {
            skipped("ui/ was not built before lanyard-tray");
            return None;
        }
        Some(face)
    }

    /// Waits until the page's text is as wanted.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let text = self.window.text().await.unwrap();
            if wanted(&text) {
                return text;
            }
            assert!(began.elapsed() < PATIENCE, "never {what}: {text}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn says(&self, sentence: &str) -> String {
        self.until(sentence, |text| text.contains(sentence)).await
    }

    /// The name of the control that has the focus, as it is read out; a heading where the focus landed is none.
    pub(crate) async fn focus(&self) -> String {
        let script = "const it = document.activeElement; \
                      return /^H[1-6]$/.test(it.tagName) ? '' : it.getAttribute('aria-label') ?? it.textContent";
        self.window.script(script).await.unwrap().as_str().unwrap_or_default().to_owned()
    }

    /// Goes on with the tabulator until the focus is on `name`.
    pub(crate) async fn walk_to(&self, name: &str) {
        let mut seen = Vec::new();
        for _ in 0..STOPS {
            if self.focus().await == name {
                return;
            }
            self.window.press(TAB).await.unwrap();
            seen.push(self.focus().await);
        }
        panic!("no key leads to {name}: {seen:?}");
    }

    pub(crate) async fn use_key_on(&self, name: &str) {
        self.walk_to(name).await;
        self.window.press(ENTER).await.unwrap();
    }

    /// Opens a page with keys alone.
    pub(crate) async fn page(&self, name: &str) {
        let selected = "return document.querySelector('[role=tab][aria-selected=true]').textContent";
        let current = self.window.script(selected).await.unwrap();
        self.walk_to(current.as_str().unwrap()).await;
        for _ in PAGES {
            if self.focus().await == name {
                break;
            }
            self.window.press(DOWN).await.unwrap();
        }
        let heading = format!("return document.querySelector('h1')?.textContent === '{name}'");
        let began = Instant::now();
        while self.window.script(&heading).await.unwrap() != true {
            assert!(began.elapsed() < PATIENCE, "the page {name} does not open");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// No violation of any rule, colours and their contrast among them.
    pub(crate) async fn assert_accessible(&self, what: &str) {
        let Some(axe) = axe() else { return };
        let none: [String; 0] = [];
        assert_eq!(rules::violations(&self.window, &axe).await, none, "{what}");
    }

    /// A picture for people, where somebody wants one.
    pub(crate) async fn picture(&self, name: &str) {
        if let Some(folder) = sandbox::pictures("desktop") {
            self.window.picture(&folder.join(format!("window-{name}.png"))).await.unwrap();
        }
    }

    /// What a command of the window answers, asked from within the page; an error where it is refused.
    pub(crate) async fn ask(&self, command: &str, words: &Value) -> Result<Value, Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             window.__TAURI_INTERNALS__.invoke({}, {words}).then((good) => done({{ good }}), (bad) => done({{ bad: bad ?? null }}));",
            json!(command)
        );
        let mut answer = self.window.script_async(&script).await.unwrap();
        if answer.get("bad").is_some() { Err(answer["bad"].take()) } else { Ok(answer["good"].take()) }
    }
}
