//! What the keychain of macOS says by its numbers (SecBase.h).

/// What a number means for the vault. Damage is none of these: a key that is gone or is not a key makes the file under it
/// damaged, and the vault finds that out itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The keychain answered: it has no such entry.
    Absent,
    /// It is there, and wants the person.
    Locked,
    /// It is not there, or fails.
    Unavailable,
}

/// `errSecItemNotFound`
const ITEM_NOT_FOUND: i32 = -25_300;

/// What a person can mend: `errSecUserCanceled`, `errSecAuthFailed`, `errSecInteractionNotAllowed`,
/// `errSecInteractionRequired`.
const PERSON: [i32; 4] = [-128, -25_293, -25_308, -25_315];

/// The meaning of an `OSStatus` that is not success. Whatever is not known is no reason to give the key up.
pub(super) fn meaning(status: i32) -> Meaning {
    match status {
        ITEM_NOT_FOUND => Meaning::Absent,
        status if PERSON.contains(&status) => Meaning::Locked,
        _ => Meaning::Unavailable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_entry_is_absent_and_only_a_person_unlocks() {
        let table = [
            (-25_300, Meaning::Absent),
            (-25_308, Meaning::Locked),
            (-25_315, Meaning::Locked),
            (-25_293, Meaning::Locked),
            (-128, Meaning::Locked),
            // No keychain, no such one, a broken one, a read-only one, none chosen, no entitlement, and success, which is
            // never asked about.
            (-25_291, Meaning::Unavailable),
            (-25_294, Meaning::Unavailable),
            (-25_295, Meaning::Unavailable),
            (-25_292, Meaning::Unavailable),
            (-25_307, Meaning::Unavailable),
            (-34_018, Meaning::Unavailable),
            (0, Meaning::Unavailable),
        ];
        for (status, expected) in table {
            assert_eq!(meaning(status), expected, "{status}");
        }
    }
}
