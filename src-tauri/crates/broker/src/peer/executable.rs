use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who signed a running program, asked for where a rule wants it only: the answer may take milliseconds.
pub trait Code: Send + Sync {
    /// The Apple team whose certificate signed it, when the signature holds; nobody otherwise (LI-12).
    fn team(&self) -> Option<&str> {
        None
    }

    /// The publisher whose certificate signed it, when this machine trusts the signature; nobody otherwise.
    fn publisher(&self) -> Option<&str> {
        None
    }
}

/// A running program, as far as it is known beyond doubt.
#[derive(Clone)]
pub struct Executable {
    path: PathBuf,
    code: Option<Arc<dyn Code>>,
    application: Option<String>,
}

impl Executable {
    /// The program at `path`, with what can say who signed it.
    pub fn new(path: impl Into<PathBuf>, code: Option<Arc<dyn Code>>) -> Self {
        Self { path: path.into(), code, application: None }
    }

    /// The same program, of the application `flatpak:ID` or `snap:NAME`.
    pub fn within(self, application: Option<String>) -> Self {
        Self { application, ..self }
    }

    /// The application that it belongs to, where the system has such.
    pub fn application(&self) -> Option<&str> {
        self.application.as_deref()
    }

    /// Where its file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The Apple team that signed it; no other system knows one.
    pub fn team(&self) -> Option<&str> {
        self.code.as_ref().and_then(|code| code.team())
    }

    /// The publisher that signed it; only Windows knows one.
    pub fn publisher(&self) -> Option<&str> {
        self.code.as_ref().and_then(|code| code.publisher())
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

    struct Team(&'static str);

    impl Code for Team {
        fn team(&self) -> Option<&str> {
            Some(self.0)
        }
    }

    struct Publisher(&'static str);

    impl Code for Publisher {
        fn publisher(&self) -> Option<&str> {
            Some(self.0)
        }
    }

    /// The same program as one that `team` signed.
    pub(crate) fn signed(path: &str, team: &'static str) -> Executable {
        Executable::new(path, Some(Arc::new(Team(team))))
    }

    /// The same program as one that `publisher` signed.
    pub(crate) fn published(path: &str, publisher: &'static str) -> Executable {
        Executable::new(path, Some(Arc::new(Publisher(publisher))))
    }
}
