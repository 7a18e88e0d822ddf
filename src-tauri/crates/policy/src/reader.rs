use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::{self, sentence};
use crate::layer::{Layer, Rank};
use crate::merge::merge;
use crate::policy::{Policy, Reading, build};
use crate::source::json::Json;
use crate::source::memory::{Held, Memory, parse};
use crate::source::{Content, Roots, anywhere, platform, vscode};

/// Reads policy, and remembers the last good values of each file.
pub struct Reader {
    roots: Roots,
    file: Option<PathBuf>,
    user: Option<String>,
    memory: Memory,
    borrows: bool,
}

impl Reader {
    /// A reader of the machine's policy, and of `file` while there is none. When the first [`Policy`] is `managed`
    /// although a file was named, that file is refused.
    pub fn new(roots: Roots, file: Option<PathBuf>) -> Self {
        Self {
            roots,
            file: file.map(|file| std::path::absolute(&file).unwrap_or(file)),
            user: platform::user(),
            memory: Memory::default(),
            borrows: false,
        }
    }

    /// The same reader for another user name (`%username%` in `AccountHint`).
    pub fn for_user(self, name: &str) -> Self {
        Self { user: Some(name.to_owned()), ..self }
    }

    /// Reads everything now. Blocking, and bounded: at most 514 files of at most 1 MiB.
    pub fn read(&mut self) -> Policy {
        let mut pass = self.memory.pass();
        let (mut layers, managed) = platform::machine(&self.roots, &mut pass);
        if let Some(file) = &self.file {
            let origin = file.display().to_string();
            if managed {
                let message = "is not used, because the machine has a policy";
                pass.fault(fault::whole(&origin, message));
            } else {
                match pass.file(file, anywhere(file)) {
                    Held::Values(values) => layers.push(Layer::machine(origin, Rank::Base, values)),
                    Held::Absent => pass.fault(fault::whole(&origin, "there is no such file")),
                    Held::Masked | Held::Bad => {}
                }
            }
        }
        let mut merged = merge(&layers);
        let asked = merged.values.get("BorrowVsCodeIdentity").map(|winner| &winner.given);
        self.borrows = asked == Some(&Ok(Json::Bool(true))) && !merged.values.contains_key("Issuer");
        if self.borrows
            && let Some(borrowed) = vscode::borrow(&self.roots, &mut pass)
        {
            layers.insert(0, borrowed);
            merged = merge(&layers);
        }
        let found = pass.finish();
        build(Reading {
            merged,
            managed,
            origins: layers.into_iter().map(|layer| layer.origin).collect(),
            faults: found.faults,
            shut: found.shut,
            doubtful: found.doubtful,
            user: self.user.clone(),
        })
    }

    /// Whether the last reading looked at VS Code's policy.
    pub(crate) fn borrows(&self) -> bool {
        self.borrows
    }

    /// The files and folders whose change can change the policy, as of the last reading.
    pub(crate) fn places(&self) -> Vec<PathBuf> {
        let mut places = platform::places(&self.roots);
        if self.borrows {
            places.extend(platform::vscode_place(&self.roots));
        }
        if let Some(file) = &self.file {
            places.push(file.clone());
            places.extend(std::fs::canonicalize(file));
        }
        places
    }
}

/// Judges the content of one policy file, whoever owns it: [`Policy::problems`] is what `policy check` reports.
pub fn check(origin: &str, bytes: &[u8]) -> Policy {
    match parse(bytes.to_vec()) {
        Ok(values) => judge(origin, values),
        Err(error) => refused(origin, sentence(&error)),
    }
}

/// Like [`check`], for a file.
pub fn check_file(path: &Path) -> Policy {
    let origin = path.display().to_string();
    match anywhere(path) {
        Ok(Content::Bytes(bytes)) => check(&origin, &bytes),
        Ok(Content::Absent | Content::Masked) => refused(&origin, "there is no such file".into()),
        Err(error) => refused(&origin, sentence(&error)),
    }
}

/// Judges what one place said, for the machine and alone.
pub fn judge(origin: &str, values: crate::layer::Values) -> Policy {
    let layer = Layer::machine(origin, Rank::Base, Arc::new(values));
    build(Reading { merged: merge(&[layer]), origins: vec![origin.to_owned()], user: platform::user(), ..Reading::default() })
}

fn refused(origin: &str, message: String) -> Policy {
    build(Reading { faults: vec![fault::whole(origin, message)], shut: vec![origin.to_owned()], ..Reading::default() })
}
