use globset::{GlobBuilder, GlobMatcher};

use crate::peer::Executable;

/// Which programs an entry of policy means.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// An absolute path in which `*` and `?` stay within one folder and `**` crosses folders.
    Path(GlobMatcher),
    /// The same on Windows, where letters are not told by case: of a drive, or of another machine.
    WindowsPath(GlobMatcher),
    /// An application of Flatpak or Snap (`flatpak:`, `snap:`).
    Application(String),
    /// The Apple team that signed the program (`team:`). Only macOS knows it; elsewhere it means no program at all.
    Team(String),
    /// The publisher whose certificate signed the program (`publisher:`). Only Windows knows it; elsewhere it means no program
    /// at all.
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
        if text.starts_with("flatpak:") || text.starts_with("snap:") {
            return Ok(Self::Application(text.to_owned()));
        }
        let build = |text: &str, windows: bool| {
            let glob = GlobBuilder::new(text).literal_separator(true).case_insensitive(windows).build();
            glob.map(|glob| glob.compile_matcher()).map_err(PatternError::Glob)
        };
        if text.starts_with('/') {
            return build(text, false).map(Self::Path);
        }
        if of_windows(text) {
            return build(&text.replace('\\', "/"), true).map(Self::WindowsPath);
        }
        Err(PatternError::NotAbsolute)
    }

    /// Whether it means `program`, by the path of its executable or by who signed it.
    pub fn matches(&self, program: &Executable) -> bool {
        match self {
            Self::Path(glob) => program.path().to_str().is_none_or(|path| path.starts_with('/')) && glob.is_match(program.path()),
            Self::WindowsPath(glob) => {
                program.path().to_str().is_some_and(|path| of_windows(path) && glob.is_match(path.replace('\\', "/")))
            }
            Self::Application(name) => program.application() == Some(name),
            Self::Team(team) => program.team() == Some(team),
            Self::Publisher(name) => program.publisher() == Some(name),
        }
    }
}

fn of_windows(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.starts_with(r"\\") || (bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && &bytes[1..3] == br":\")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::{published, signed};

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
            (r"C:\Program Files\*\Code.exe", r"c:\program files\VS Code\code.exe", true),
            (r"C:\Program Files\*", r"C:\Program Files\a\b.exe", false),
            (r"C:\Program Files\**", r"C:\Program Files\a\b.exe", true),
            (r"C:\Program Files\**", r"D:\Program Files\a\b.exe", false),
            (r"C:\Program Files\**", r"C:\Program Files (x86)\a.exe", false),
            (r"\\server\share\**", r"\\SERVER\share\a.exe", true),
            (r"\\server\share\**", "//server/share/a.exe", false),
            ("/**", r"\\server\share\a.exe", false),
            ("/**", r"C:\a.exe", false),
            ("/**", "flatpak:org.example.App", false),
        ];
        for (pattern, program, expected) in table {
            assert_eq!(Pattern::parse(pattern).unwrap().matches(&program.into()), expected, "{pattern} {program}");
        }
    }

    #[test]
    fn signers_and_applications_are_known_by_evidence_alone() {
        let matches = |pattern: &str, program: &Executable| Pattern::parse(pattern).unwrap().matches(program);
        let claude = signed("/Users/ada/claude", "ABCDE12345");
        assert!(matches("team:ABCDE12345", &claude));
        let code = published(r"C:\Code.exe", "Microsoft Corporation");
        assert!(matches("publisher:Microsoft Corporation", &code));
        for other in ["publisher:Microsoft", "publisher:microsoft corporation", "publisher:*", "team:Microsoft Corporation"] {
            assert!(!matches(other, &code), "{other}");
        }
        let app = Executable::from("flatpak:org.example.App").within(Some("flatpak:org.example.App".to_owned()));
        assert!(matches("flatpak:org.example.App", &app) && !matches("flatpak:org.example.*", &app));
        assert!(!matches("snap:org.example.App", &app));
        assert!(!matches("flatpak:org.example.App", &"flatpak:org.example.App".into()), "a name is no evidence");
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
