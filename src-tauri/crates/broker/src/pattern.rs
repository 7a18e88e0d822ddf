use globset::{GlobBuilder, GlobMatcher};

use crate::peer::Executable;

/// Which programs an entry of policy means.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// An absolute path in which `*` and `?` stay within one folder and `**` crosses folders.
    Path(GlobMatcher),
    /// The Apple team that signed the program (`team:`). Only macOS knows it; elsewhere it means no program at all.
    Team(String),
    /// Who signed the program otherwise (`publisher:`). Nothing knows that of a running program yet, so it means no
    /// program at all.
    Publisher(String),
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
        if let Some(name) = text.strip_prefix("publisher:") {
            return Ok(Self::Publisher(name.to_owned()));
        }
        if let Some(team) = text.strip_prefix("team:") {
            return Ok(Self::Team(team.to_owned()));
        }
        if !text.starts_with('/') {
            return Err(PatternError::NotAbsolute);
        }
        let glob = GlobBuilder::new(text).literal_separator(true).build().map_err(PatternError::Glob)?;
        Ok(Self::Path(glob.compile_matcher()))
    }

    /// Whether it means `program`, by the path of its executable or by who signed it.
    pub fn matches(&self, program: &Executable) -> bool {
        match self {
            Self::Path(glob) => glob.is_match(program.path()),
            Self::Team(team) => program.team() == Some(team),
            Self::Publisher(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::signed;

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
            assert_eq!(Pattern::parse(pattern).unwrap().matches(&program.into()), expected, "{pattern} {program}");
        }
    }

    #[test]
    fn a_team_is_known_by_its_signature_alone() {
        let matches = |pattern: &str, program: &Executable| Pattern::parse(pattern).unwrap().matches(program);
        let claude = signed("/Users/ada/claude", "ABCDE12345");
        assert!(matches("team:ABCDE12345", &claude));
        for other in ["team:ABCDE1234", "team:abcde12345", "team:", "team:*", "publisher:ABCDE12345"] {
            assert!(!matches(other, &claude), "{other}");
        }
        assert!(!matches("team:ABCDE12345", &"/team:ABCDE12345".into()), "a path is no signature");
    }

    #[test]
    fn a_name_without_its_folder_is_no_pattern() {
        assert!(matches!(Pattern::parse("claude"), Err(PatternError::NotAbsolute)));
        assert!(matches!(Pattern::parse("**/claude"), Err(PatternError::NotAbsolute)));
        assert!(matches!(Pattern::parse("/usr/["), Err(PatternError::Glob(_))));
    }
}
