//! What runs at a desk, whoever started it.

use std::fs;

use crate::desk::Desk;

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its program, without the folder.
    pub program: String,
    /// Its words.
    pub words: Vec<String>,
}

impl Process {
    /// Whether it is a window of web pages, or one of the processes that WebKit starts for it.
    pub fn is_of_window(&self) -> bool {
        self.program.starts_with("WebKit") || self.words.iter().any(|word| word == "--window")
    }
}

/// Every process that has the desk's home in its environment, as all have that were started there.
pub fn living_at(desk: &Desk) -> Vec<Process> {
    let home = format!("HOME={}", desk.path("home").display());
    let lives = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
    };
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // One that ends meanwhile lives nowhere.
    pids.filter(lives).filter_map(process).collect()
}

fn process(pid: u32) -> Option<Process> {
    let text = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let mut words =
        text.split(|byte| *byte == 0).filter(|word| !word.is_empty()).map(|word| String::from_utf8_lossy(word).into_owned());
    let program = words.next()?;
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    Some(Process { pid, program, words: words.collect() })
}
