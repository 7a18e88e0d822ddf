use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::failure::Failure;

/// Where texts and documents go: stdout for what was asked, stderr for what went wrong.
pub(crate) struct Output {
    json: bool,
}

/// The few styles of all texts; a pipe gets none of them.
pub(crate) const TITLE: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default();

/// A text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// A text of somebody else made fit for a terminal: no control characters, no end of line, no turned direction.
pub(crate) fn plain(text: &str) -> String {
    let hostile = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if hostile(c) { '\u{fffd}' } else { c }).collect()
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// The document with `--json`, else the text.
    pub(crate) fn answer(&self, document: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        match self.json {
            true => self.document(document),
            false => self.text(&text()),
        }
    }

    /// A text, coloured on a terminal only.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        let mut out = anstream::stdout().lock();
        writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()).map_err(Failure::Output)
    }

    /// The same place of a terminal again, and again, for `--watch`.
    pub(crate) fn frame(&self, text: &str) -> Result<(), Failure> {
        match io::stdout().is_terminal() {
            true => self.text(&format!("\x1b[H\x1b[2J{text}")),
            false => self.text(&format!("{}\n\n", text.trim_end()).replace("\n\n\n", "\n\n")),
        }
    }

    /// One JSON document.
    pub(crate) fn document(&self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(document).map_err(|error| Failure::Output(error.into()))?;
        self.bytes(&text)
    }

    /// One JSON document on one line, where many follow each other.
    pub(crate) fn line(&self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_vec(document).map_err(|error| Failure::Output(error.into()))?;
        self.bytes(&text)
    }

    /// Bytes as they are, and an end of line.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(Failure::Output)
    }

    /// A word to the person beside what was asked.
    pub(crate) fn note(&self, text: &str) {
        // Nobody may be listening there; what was asked goes on.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    /// Says what went wrong, and returns the exit code.
    pub(crate) fn failure(&self, failure: &Failure) -> u8 {
        match failure {
            // A reader that has seen enough (`| head`) is no failure worth a word.
            Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            _ if self.json => drop(self.document(&failure.document())),
            _ => self.note(&sentences(failure)),
        }
        failure.exit()
    }
}

fn sentences(failure: &Failure) -> String {
    let problem = failure.problem();
    let mut text = String::new();
    let _ = write!(text, "{} {}", styled(BAD, &format!("{}:", plain(&problem.title))), plain(&problem.sentences()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_text_cannot_steer_the_terminal() {
        assert_eq!(plain("Ada\x1b[2J\r\nroot\u{202e}"), "Ada\u{fffd}[2J\u{fffd}\u{fffd}root\u{fffd}");
    }

    #[test]
    fn a_fault_is_its_title_and_three_sentences() {
        let shown = sentences(&wire::Code::SignInRequired.into());
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string());
    }
}
