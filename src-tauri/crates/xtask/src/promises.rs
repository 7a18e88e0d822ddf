//! That every test which `docs/promises.md` names exists: a renamed test must not leave a promise behind.

use std::collections::BTreeSet;
use std::fs;

use crate::process::{output, root};

/// The names that no function has.
pub(crate) fn faults() -> Result<Vec<String>, String> {
    let page = root().join("docs/promises.md");
    let page = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    let mut list = std::process::Command::new("git");
    let words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.rs"];
    let listed = output(list.args(words).current_dir(root()))?;
    // A file may be listed and deleted.
    let sources = listed.split('\0').filter_map(|path| fs::read_to_string(root().join(path)).ok());
    let mut missing = named(&page);
    sources.for_each(|source| missing.retain(|name| !source.contains(&format!("fn {name}("))));
    Ok(missing.into_iter().map(|name| format!("docs/promises.md names {name}, which is no test")).collect())
}

/// The last part of everything that is written as `` `file::test` ``.
fn named(page: &str) -> BTreeSet<String> {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let spans = page.split('`').skip(1).step_by(2);
    let pairs = spans.filter_map(|span| span.split_once("::"));
    pairs.filter(|(file, test)| plain(file) && plain(test)).map(|(_, test)| test.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_are_found_between_backticks() {
        let page = "1. It holds. `state::a_thing_holds`,\n `wire::Type`, `LI-1`, `a::b c`, `doors::another_one`. **No test yet**";
        assert_eq!(named(page), ["a_thing_holds", "another_one"].map(str::to_owned).into());
    }
}
