use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

/// Which programs an entry of policy means.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// An absolute path in which `*` and `?` stay within one folder and `**` crosses folders.
    Path(GlobMatcher),
    /// Who signed the program (`publisher:`, `team:`). Linux knows no signer of a running program, so there it
    /// means no program at all.
    Signer(String),
}

/// An entry that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PatternError {
    /// A name without its folder is what any program could be called.
    #[error("a program pattern must be an absolute path")]
    NotAbsolute,
    /// The glob is broken.
    #[error("a program pattern cannot be read")]
    Glob(#[source] globset::Error),
}

impl Pattern {
    /// Reads an entry as policy writes it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.starts_with("publisher:") || text.starts_with("team:") {
            return Ok(Self::Signer(text.to_owned()));
        }
        if !text.starts_with('/') {
            return Err(PatternError::NotAbsolute);
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build().map_err(PatternError::Glob)?;
        Ok(Self::Path(glob.compile_matcher()))
    }

    /// Whether it means `program`, by the path of its executable.
    pub fn matches(&self, program: &Path) -> bool {
        match self {
            Self::Path(glob) => glob.is_match(program),
            Self::Signer(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_the_folders_they_say() {
        let table = [
            ("/usr/bin/claude", "/usr/bin/claude", true),
            ("/usr/bin/claude", "/usr/bin/claude2", false),
            ("/usr/bin/*", "/usr/bin/node", true),
            ("/usr/bin/*", "/usr/bin/nested/node", false),
            ("/usr/share/code/**", "/usr/share/code/bin/code", true),
            ("/usr/share/code/**", "/usr/share/code2/code", false),
            ("/opt/?/x", "/opt/a/x", true),
            ("/opt/?/x", "/opt///x", false),
            ("publisher:Acme", "/publisher:Acme", false),
            ("team:ABC", "/usr/bin/claude", false),
        ];
        for (pattern, program, expected) in table {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(Path::new(program)), expected, "{pattern} {program}");
        }
    }

    #[test]
    fn a_name_without_its_folder_is_no_pattern() {
        assert!(matches!(Pattern::parse("claude"), Err(PatternError::NotAbsolute)));
        assert!(matches!(Pattern::parse("**/claude"), Err(PatternError::NotAbsolute)));
        assert!(matches!(Pattern::parse("/usr/["), Err(PatternError::Glob(_))));
    }
}
