/// The number of an event in logs that know events by number: 1000 session, 2000 tokens and tools, 4000 policy, 5000
/// security. A number means the same for ever.
pub fn number(event: &str) -> u32 {
    match event {
        "signed-in" => 1001,
        "signed-out" => 1002,
        "session-ended" => 1003,
        "token-served" => 2001,
        "token-refused" => 2002,
        "server-used" => 2003,
        "server-refused" => 2004,
        "tool-called" => 2005,
        "tool-refused" => 2006,
        "policy-changed" => 4001,
        "caller-refused" => 5001,
        "vault-damaged" => 5002,
        "key-made" => 5003,
        "key-removed" => 5004,
        _ => 9000,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Every event that the sources name, found where they are made.
    fn made(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                made(&entry, found);
            } else if let Ok(text) = fs::read_to_string(&entry) {
                let words = text.split('"').skip(1).step_by(2);
                let of = ["signed-", "session-", "token-", "server-", "tool-", "policy-", "caller-", "vault-", "key-"];
                let done = ["in", "out", "ended", "served", "refused", "used", "called", "changed", "damaged", "made", "removed"];
                let event = |word: &&str| of.iter().any(|of| word.strip_prefix(of).is_some_and(|rest| done.contains(&rest)));
                found.extend(words.filter(event).map(str::to_owned));
            }
        }
    }

    #[test]
    fn every_event_has_a_number_of_its_own() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut events = BTreeSet::new();
        ["broker/src", "agent/src"].iter().for_each(|folder| made(&crates.join(folder), &mut events));
        assert!(events.len() >= 14, "{events:?}");
        let numbers: BTreeSet<u32> = events.iter().map(|event| number(event)).collect();
        assert_eq!(numbers.len(), events.len(), "{events:?}");
        assert!(!numbers.contains(&9000), "{events:?}");
    }
}
