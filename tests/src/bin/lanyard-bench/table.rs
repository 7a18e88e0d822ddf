//! The table: figure, measured, budget, ratio, peer.

use std::time::Duration;

/// One figure.
pub(crate) struct Row {
    what: String,
    measured: f64,
    budget: f64,
    unit: &'static str,
    // The one figure of which more is better.
    at_least: bool,
    peer: String,
}

impl Row {
    /// A figure that should be at most `budget`; infinity where there is none.
    pub(crate) fn new(what: impl Into<String>, measured: f64, budget: f64, unit: &'static str) -> Self {
        Self { what: what.into(), measured, budget, unit, at_least: false, peer: String::new() }
    }

    /// A number of things that should be at most `budget`.
    pub(crate) fn count(what: &str, measured: usize, budget: u32) -> Self {
        // Counts here are thousands at the most.
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        Self::new(what, measured as f64, f64::from(budget), "")
    }

    /// A duration, shown in `unit`: us or ms.
    pub(crate) fn time(what: impl Into<String>, measured: Duration, budget: f64, unit: &'static str) -> Self {
        let scale = if unit == "us" { 1e6 } else { 1e3 };
        Self::new(what, measured.as_secs_f64() * scale, budget, unit)
    }

    /// More is better.
    pub(crate) fn at_least(self) -> Self {
        Self { at_least: true, ..self }
    }

    /// What a peer needs for the same, in the same unit.
    pub(crate) fn beside(mut self, name: &str, peer: Option<Duration>) -> Self {
        let scale = if self.unit == "us" { 1e6 } else { 1e3 };
        if let Some(peer) = peer.map(|peer| peer.as_secs_f64() * scale) {
            self.peer = format!("{name}: {} {}, ours {:.2} of it", number(peer), self.unit, self.measured / peer);
        }
        self
    }

    /// Anything else to be said.
    pub(crate) fn note(mut self, text: impl Into<String>) -> Self {
        self.peer = text.into();
        self
    }

    fn cells(&self) -> [String; 5] {
        let bound = if self.at_least { "at least " } else { "" };
        let ratio = match self.budget {
            budget if budget.is_infinite() => "-".to_owned(),
            0.0 => if self.measured > 0.0 { "over" } else { "met" }.to_owned(),
            budget => format!("{:.2}", self.measured / budget),
        };
        let held = if self.at_least { self.measured >= self.budget } else { self.measured <= self.budget };
        [
            self.what.clone(),
            format!("{} {}", number(self.measured), self.unit).trim_end().to_owned(),
            match self.budget.is_finite() {
                true => format!("{bound}{} {}", number(self.budget), self.unit).trim_end().to_owned(),
                false => "-".to_owned(),
            },
            if held { ratio } else { format!("{ratio} MISSED") },
            self.peer.clone(),
        ]
    }
}

/// The rows as Markdown.
pub(crate) fn render(rows: &[Row]) -> String {
    let head = ["figure", "measured", "budget", "measured / budget", "peer in the same run"].map(str::to_owned);
    let mut lines: Vec<[String; 5]> = rows.iter().map(Row::cells).collect();
    lines.insert(0, head);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 5] = std::array::from_fn(width);
    let line = |cells: &[String; 5]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!(" {cell:<width$} |"));
        format!("|{}", cells.collect::<String>())
    };
    let rule = line(&widths.map(|width| "-".repeat(width)));
    let mut text: Vec<String> = lines.iter().map(line).collect();
    text.insert(1, rule);
    text.join("\n")
}

fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 || value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
