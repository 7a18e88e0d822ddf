//! What there is to see, and the looks to see it in.

use serde_json::{Value, json};

/// A state of the window.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// A world of `ui/src/mock/browser.ts`.
    pub(super) state: &'static str,
    pub(super) page: &'static str,
    /// What is pressed, one after the other, once the page is there.
    pub(super) press: &'static [&'static str],
}

/// A look of the window.
pub(super) struct Look {
    pub(super) name: &'static str,
    /// What the desktop prefers, by the names of media queries.
    prefers: &'static [(&'static str, &'static str)],
    pub(super) language: &'static str,
    pub(super) size: &'static str,
    pub(super) direction: &'static str,
    /// Whether the rules of accessibility are tried: they look at colours.
    pub(super) is_judged: bool,
}

impl Look {
    pub(super) fn features(&self) -> Value {
        self.prefers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
    }
}

const fn scene(name: &'static str, state: &'static str, page: &'static str) -> Scene {
    Scene { name, state, page, press: &[] }
}

const START: &str = "#doctor ~ .filters .button-main";

#[rustfmt::skip]
pub(super) const SCENES: [Scene; 29] = [
    scene("servers", "active", "servers"),
    scene("servers-every-state", "every-state", "servers"),
    scene("servers-none", "quiet", "servers"),
    scene("servers-signed-out", "signed-out", "servers"),
    scene("servers-waiting", "waiting", "servers"),
    scene("servers-disabled-user", "revoked", "servers"),
    scene("servers-paused", "paused", "servers"),
    scene("servers-screen-locked", "screen-locked", "servers"),
    Scene { press: &[".server .fault .button:nth-last-of-type(2)"], ..scene("servers-why", "active", "servers") },
    // Where the clipboard is refused, as it is to a browser without a window.
    Scene { press: &[".server .fault .button:last-of-type"], ..scene("servers-report-by-hand", "active", "servers") },
    scene("unconfigured", "unconfigured", "servers"),
    scene("unconfigured-faulty-policy", "faulty", "servers"),
    scene("unconfigured-unusable-policy", "unusable", "servers"),
    scene("away", "away", "servers"),
    scene("away-refused", "silent", "servers"),
    scene("activity", "active", "activity"),
    scene("activity-empty", "quiet", "activity"),
    Scene { press: &[".filters .choice-button"], ..scene("activity-choosing", "active", "activity") },
    scene("programs", "active", "programs"),
    scene("programs-none", "quiet", "programs"),
    scene("account", "active", "account"),
    scene("account-signed-out", "signed-out", "account"),
    scene("account-signing-in", "signing-in", "account"),
    scene("account-needs-user", "needs-user", "account"),
    scene("account-keychain-locked", "vault", "account"),
    scene("account-paused", "paused", "account"),
    scene("help", "active", "help"),
    Scene { press: &[START], ..scene("help-running", "running", "help") },
    Scene { press: &["#diagnostics ~ .row .button"], ..scene("help-diagnostics", "faulty", "help") },
];

const LIGHT: Look = Look { name: "light", prefers: &[], language: "en", size: "", direction: "ltr", is_judged: true };

#[rustfmt::skip]
pub(super) const LOOKS: [Look; 8] = [
    LIGHT,
    Look { name: "dark", prefers: &[("prefers-color-scheme", "dark")], ..LIGHT },
    Look { name: "contrast", prefers: &[("prefers-contrast", "more")], ..LIGHT },
    Look { name: "contrast-dark", prefers: &[("prefers-contrast", "more"), ("prefers-color-scheme", "dark")], ..LIGHT },
    // What colours come from the system is for the system to judge.
    Look { name: "forced", prefers: &[("forced-colors", "active"), ("prefers-color-scheme", "dark")], is_judged: false, ..LIGHT },
    Look { name: "large", size: "200%", is_judged: false, ..LIGHT },
    Look { name: "german", language: "de", ..LIGHT },
    Look { name: "right-to-left", direction: "rtl", is_judged: false, ..LIGHT },
];
