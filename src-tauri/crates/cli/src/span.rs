use jiff::Timestamp;

/// A length of time in words: the largest unit alone.
pub(crate) fn words(seconds: i64) -> String {
    match seconds.max(0) {
        s @ 0..=99 => format!("{s} s"),
        s @ 100..=5_999 => format!("{} min", s / 60),
        s @ 6_000..=172_799 => format!("{} h", s / 3600),
        s => format!("{} days", s / 86_400),
    }
}

/// How long until `then`, or that it is over.
pub(crate) fn until(then: Timestamp, now: Timestamp) -> String {
    match then.as_second() - now.as_second() {
        left if left <= 0 => "over".into(),
        left => words(left),
    }
}

/// How long since `then`.
pub(crate) fn since(then: Timestamp, now: Timestamp) -> String {
    words(now.as_second() - then.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_their_largest_unit() {
        let table = [(-5, "0 s"), (0, "0 s"), (99, "99 s"), (100, "1 min"), (3600, "60 min"), (7200, "2 h"), (172_800, "2 days")];
        for (seconds, expected) in table {
            assert_eq!(words(seconds), expected);
        }
    }
}
