//! What every page of the window must keep to, whatever shows it: no accessibility fault, and nothing beyond its room.

use std::fs;
use std::path::Path;

use sandbox::Window;
use sandbox::desk::skipped;
use serde_json::json;

/// The rules of accessibility.
const AXE: &str = "ui/node_modules/axe-core/axe.min.js";

/// Fewer than these never pass on a page of the window.
const FEWEST: u64 = 10;

/// The rules as a script; none where they were not installed.
pub(crate) fn axe() -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(AXE);
    let text = fs::read_to_string(file).ok();
    if text.is_none() {
        skipped("no axe-core: `cargo xtask ui` installs it");
    }
    text
}

/// What breaks a rule, colours and their contrast among them.
pub(crate) async fn violations(window: &Window, axe: &str) -> Vec<String> {
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1];
         axe.run().then(({{ violations, passes }}) => done({{
           passes: passes.length,
           violations: violations.map(({{ id, nodes }}) => id + ': ' + nodes.map((node) => node.html + ' ' + node.failureSummary).join('; ')),
         }}), (why) => done({{ violations: [String(why)] }}));"
    );
    let found = window.script_async(&script).await.unwrap();
    let mut violations: Vec<String> = serde_json::from_value(found["violations"].clone()).unwrap();
    if found["passes"].as_u64().unwrap_or_default() < FEWEST {
        violations.push(format!("the rules were not tried: {found}"));
    }
    violations
}

/// A script that gives the focus to everything that can have it, and names what carried the window along: only a page scrolls.
pub(crate) const CARRIED: &str = "const side = document.querySelector('.side');
    // An open list has its place by the size of text at which it was opened, which is another here.
    const found = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
      .filter((it) => it.closest('.popover') === null);
    // A tab that has the focus opens its page, and what stood there is gone.
    const order = [...found.filter((it) => !side?.contains(it)), ...found.filter((it) => side?.contains(it))];
    const carried = order.filter((it) => {
      it.focus();
      return document.scrollingElement.scrollTop !== 0 || (side !== null && side.getBoundingClientRect().top !== 0);
    });
    return [side === null || order.length > 0, carried.map((it) => it.outerHTML)]";

/// A script that says whether anything was looked at, and what is wider than its room at a size of text and a direction.
pub(crate) fn beyond(size: &str, direction: &str) -> String {
    format!(
        "const root = document.documentElement;
         root.style.fontSize = {}; root.dir = {};
         const shown = [...document.querySelectorAll('.page, .side, .alone, body')].filter((it) => it.checkVisibility());
         const beyond = shown.filter((it) => it.scrollWidth > it.clientWidth + 1).map((it) => it.className);
         root.style.fontSize = ''; root.dir = 'ltr';
         return [shown.length > 0, beyond]",
        json!(size),
        json!(direction)
    )
}
