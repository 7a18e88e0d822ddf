use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who signed a running program, asked for where a rule wants it only: the answer may take milliseconds.
pub trait Code: Send + Sync {
    /// The Apple team whose certificate signed it, when the signature holds; nobody otherwise (LI-12).
    fn team(&self) -> Option<&str>;
}

/// A running program, as far as it is known beyond doubt.
#[derive(Clone)]
pub struct Executable {
    path: PathBuf,
    code: Option<Arc<dyn Code>>,
}

impl Executable {
    /// The program at `path`, with what can say who signed it.
    pub fn new(path: impl Into<PathBuf>, code: Option<Arc<dyn Code>>) -> Self {
        Self { path: path.into(), code }
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The Apple team that signed it; no other system knows one.
    pub fn team(&self) -> Option<&str> {
        self.code.as_ref().and_then(|code| code.team())
    }
}

impl fmt::Debug for Executable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

#[cfg(test)]
impl From<&str> for Executable {
    fn from(path: &str) -> Self {
        Self::new(path, None)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The same program as one that `team` signed.
    pub(crate) fn signed(path: &str, team: &'static str) -> Executable {
        struct By(&'static str);
        impl Code for By {
            fn team(&self) -> Option<&str> {
                Some(self.0)
            }
        }
        Executable::new(path, Some(Arc::new(By(team))))
    }
}
