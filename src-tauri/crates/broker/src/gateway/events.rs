//! Server-sent events as they pass: where one ends, and what stands in it (WHATWG HTML §9.2).

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use super::containment::Contained;
use super::tools;

/// The longest event that is looked into.
const LIMIT: usize = 16 * 1024 * 1024;

/// Follows a stream as it passes, to know whether it stands between two events.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Boundary {
    /// Line ends seen in a row; carriage return and line feed are one.
    ends: u8,
    after_return: bool,
    begun: bool,
}

impl Boundary {
    /// The next bytes.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        // Only the end decides; two line ends are four bytes at most.
        let tail = &bytes[bytes.len().saturating_sub(4)..];
        if tail.len() < bytes.len() {
            *self = Self { begun: true, ..Self::default() };
        }
        tail.iter().for_each(|byte| self.step(*byte));
    }

    fn step(&mut self, byte: u8) {
        self.begun = true;
        match byte {
            b'\n' if self.after_return => {}
            b'\n' | b'\r' => self.ends = self.ends.saturating_add(1),
            _ => self.ends = 0,
        }
        self.after_return = byte == b'\r';
    }

    /// Whether what comes next is a new event.
    pub(super) fn is_between(&self) -> bool {
        !self.begun || self.ends >= 2
    }
}

/// Why a stream cannot be looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Takes a stream apart into events and leaves out the tools that a caller is not shown.
#[derive(Debug, Default)]
pub(super) struct Filter {
    waiting: BytesMut,
    searched: usize,
}

impl Filter {
    /// The next bytes; the events that are complete now, as the caller gets them.
    pub(super) fn pass(&mut self, bytes: &[u8], contained: &Contained<'_>) -> Result<Bytes, Unreadable> {
        self.waiting.extend_from_slice(bytes);
        let mut out = BytesMut::new();
        while let Some(end) = self.end() {
            let event = self.waiting.split_to(end);
            self.searched = 0;
            let text = std::str::from_utf8(&event).map_err(|_| Unreadable)?;
            out.extend_from_slice(shown(&plain(text), contained)?.as_bytes());
        }
        if self.waiting.len() > LIMIT { Err(Unreadable) } else { Ok(out.freeze()) }
    }

    /// Where the first event ends: behind the second line end in a row.
    fn end(&mut self) -> Option<usize> {
        let begin = self.searched.saturating_sub(4);
        let found = line_ends(&self.waiting[begin..]).map(|end| begin + end);
        self.searched = self.waiting.len();
        found
    }
}

/// Behind the first empty line. A carriage return at the very end may still be half of a line end.
fn line_ends(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut empty = false;
    while at < bytes.len() {
        let length = match (bytes[at], bytes.get(at + 1)) {
            (b'\r', Some(b'\n')) => 2,
            (b'\r', None) => return None,
            (b'\n' | b'\r', _) => 1,
            _ => 0,
        };
        match (length, empty) {
            (0, _) => {
                empty = false;
                at += 1;
            }
            (length, true) => return Some(at + length),
            (length, false) => {
                empty = true;
                at += length;
            }
        }
    }
    None
}

/// An event whose lines end as every parser knows. Many take a carriage return alone for a part of the line, and would
/// read another event than the one that was looked into.
fn plain(event: &str) -> Cow<'_, str> {
    let is_alone = |at: usize| event.as_bytes().get(at + 1) != Some(&b'\n');
    match event.match_indices('\r').any(|(at, _)| is_alone(at)) {
        true => Cow::Owned(event.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(event),
    }
}

/// One event as the caller gets it; an event without a list of tools stays byte for byte.
fn shown<'t>(event: &'t str, contained: &Contained<'_>) -> Result<Cow<'t, str>, Unreadable> {
    let lines = || event.split(['\n', '\r']).filter(|line| !line.is_empty());
    let field = |line: &'t str| line.strip_prefix("data:").map(|value| value.strip_prefix(' ').unwrap_or(value));
    let data: Vec<&str> = lines().filter_map(field).collect();
    if data.is_empty() {
        return Ok(Cow::Borrowed(event));
    }
    let data = data.join("\n");
    if data.trim().is_empty() {
        return Ok(Cow::Borrowed(event));
    }
    match tools::shown(&data, contained).map_err(|_| Unreadable)? {
        Cow::Borrowed(_) => Ok(Cow::Borrowed(event)),
        Cow::Owned(after) => {
            let others = lines().filter(|line| field(line).is_none()).map(|line| format!("{line}\n"));
            let data = after.split('\n').map(|line| format!("data: {line}\n"));
            Ok(Cow::Owned(others.chain(data).chain(["\n".to_owned()]).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::containment::{Bounds, Containment, ToolPattern};

    fn rule() -> Containment {
        let deny = vec![ToolPattern::parse("wipe").unwrap()];
        Containment { all: Bounds { deny, ..Bounds::default() }, programs: Vec::new() }
    }

    const STREAM: &str = ": hello\n\nid: 1\r\nevent: message\r\ndata: {\"id\":1,\"result\":{\"tools\":[{\"name\":\"wipe\"},{\"name\":\"read\"}]}}\r\n\r\ndata: {\"method\":\"n\"}\n\ndata:{\"id\":2,\rdata: \"result\":{\"tools\":[{\"name\":\"wipe\"}]}}\r\rid: 9\ndata:\n\n";
    const SHOWN: &str = ": hello\n\nid: 1\nevent: message\ndata: {\"id\":1,\"result\":{\"tools\":[{\"name\":\"read\"}]}}\n\ndata: {\"method\":\"n\"}\n\ndata: {\"id\":2,\ndata: \"result\":{\"tools\":[]}}\n\nid: 9\ndata:\n\n";

    proptest! {
        #[test]
        fn events_are_filtered_wherever_the_network_cuts_them(cuts in prop::collection::vec(0..STREAM.len(), 0..6)) {
            let rule = rule();
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut filter = Filter::default();
            let mut seen = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                seen.extend_from_slice(&filter.pass(&STREAM.as_bytes()[from..cut], &rule.of(None)).unwrap());
                from = cut;
            }
            prop_assert_eq!(String::from_utf8(seen).unwrap(), SHOWN);
        }

        #[test]
        fn a_boundary_is_where_an_event_ends(cuts in prop::collection::vec(0..STREAM.len(), 0..6)) {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let mut boundary = Boundary::default();
            prop_assert!(boundary.is_between());
            let mut from = 0;
            for cut in cuts {
                boundary.pass(&STREAM.as_bytes()[from..cut]);
                from = cut;
                let before = STREAM[..cut].replace("\r\n", "\n").replace('\r', "\n");
                prop_assert_eq!(boundary.is_between(), cut == 0 || before.ends_with("\n\n"), "{:?}", &STREAM[..cut]);
            }
        }
    }

    #[test]
    fn a_parser_that_knows_line_feeds_alone_finds_no_more_than_was_looked_into() {
        let rule = rule();
        let hidden = "{\"result\":{\"tools\":[{\"name\":\"wipe\"}]}}";
        let stream = format!("data: \r\r\t{hidden}\n\n: x\rid: 1\r\n\r\ndata: 1\r\n\r\n");
        let shown = Filter::default().pass(stream.as_bytes(), &rule.of(None)).unwrap();
        assert_eq!(shown, format!("data: \n\n\t{hidden}\n\n: x\nid: 1\n\ndata: 1\r\n\r\n").as_bytes());
    }

    #[test]
    fn what_could_be_read_in_two_ways_ends_the_stream() {
        let rule = rule();
        for data in ["data: {\"a\":1,\"a\":2}\n\n", "data: not json\n\n"] {
            assert_eq!(Filter::default().pass(data.as_bytes(), &rule.of(None)), Err(Unreadable), "{data}");
        }
        assert_eq!(Filter::default().pass(b"data: \xff\n\n", &rule.of(None)), Err(Unreadable));
    }
}
