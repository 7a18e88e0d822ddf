//! What a program may do with a server: pure decisions over what policy says.

use globset::{GlobBuilder, GlobMatcher};

use crate::peer::Executable;
use crate::{Pattern, PatternError};

/// `tools`, `readOnly` and `programs` of a server.
#[derive(Clone, Debug, Default)]
pub struct Containment {
    /// For every program.
    pub all: Bounds,
    /// For the programs that the pattern means; every one that matches applies.
    pub programs: Vec<(Pattern, Bounds)>,
}

/// Which tools may be called.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// Only these; `None` means every tool.
    pub allow: Option<Vec<ToolPattern>>,
    /// Never these, whatever is allowed.
    pub deny: Vec<ToolPattern>,
    /// Only tools that their server annotates `readOnlyHint: true`.
    pub read_only: bool,
}

/// A pattern over tool names, as policy writes it. A name is no path: `*` stands for any characters, `/` too, or a
/// denied `admin*` would let `admin/delete` pass.
#[derive(Clone, Debug)]
pub struct ToolPattern(GlobMatcher);

impl ToolPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// When the glob is broken.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let glob = GlobBuilder::new(text).literal_separator(false).build().map_err(PatternError::Glob)?;
        Ok(Self(glob.compile_matcher()))
    }
}

/// The bounds of one caller.
#[derive(Clone, Debug)]
pub(crate) struct Contained<'c>(Vec<&'c Bounds>);

/// What is so about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may be called.
    Admitted,
    /// By its name it may not.
    Denied,
    /// It may if its server says that it only reads.
    IfReadOnly,
}

impl Containment {
    /// Whether it decides by the program that asks.
    pub(crate) fn judges_programs(&self) -> bool {
        !self.programs.is_empty()
    }

    /// The bounds of `program`; one that is unknown could be any, so every program's bounds are its own.
    pub(crate) fn of(&self, program: Option<&Executable>) -> Contained<'_> {
        let applies = |pattern: &Pattern| program.is_none_or(|program| pattern.matches(program));
        let theirs = self.programs.iter().filter(|(pattern, _)| applies(pattern)).map(|(_, bounds)| bounds);
        Contained(std::iter::once(&self.all).chain(theirs).collect())
    }
}

impl Contained<'_> {
    /// Whether the tool `name` may be called.
    pub(crate) fn judge(&self, name: &str) -> Verdict {
        let matches = |list: &[ToolPattern]| list.iter().any(|pattern| pattern.0.is_match(name));
        let denied = |bounds: &&Bounds| matches(&bounds.deny) || bounds.allow.as_deref().is_some_and(|allow| !matches(allow));
        match self.0.iter().any(denied) {
            true => Verdict::Denied,
            false if self.0.iter().any(|bounds| bounds.read_only) => Verdict::IfReadOnly,
            false => Verdict::Admitted,
        }
    }

    /// Whether the tool `name` is shown, given what its server says of it.
    pub(crate) fn shows(&self, name: &str, read_only: bool) -> bool {
        match self.judge(name) {
            Verdict::Admitted => true,
            Verdict::Denied => false,
            Verdict::IfReadOnly => read_only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<ToolPattern> {
        texts.iter().map(|text| ToolPattern::parse(text).unwrap()).collect()
    }

    fn bounds(allow: Option<&[&str]>, deny: &[&str], read_only: bool) -> Bounds {
        Bounds { allow: allow.map(patterns), deny: patterns(deny), read_only }
    }

    #[test]
    fn deny_wins_allow_narrows_and_every_matching_rule_applies() {
        use Verdict::{Admitted, Denied, IfReadOnly};
        let claude = Pattern::parse("/usr/bin/claude").unwrap();
        let containment = Containment {
            all: bounds(Some(&["read*", "list", "wipe"]), &["wipe", "read_secret"], false),
            programs: vec![(claude, bounds(None, &["list"], true))],
        };
        let code = containment.of(Some(&"/usr/bin/code".into()));
        let claude = containment.of(Some(&"/usr/bin/claude".into()));
        let unknown = containment.of(None);
        let table = [
            ("read", Admitted, IfReadOnly),
            ("read_issue", Admitted, IfReadOnly),
            ("read_secret", Denied, Denied),
            ("list", Admitted, Denied),
            ("wipe", Denied, Denied),
            ("write", Denied, Denied),
            ("READ", Denied, Denied),
            ("read/all", Admitted, IfReadOnly),
            ("", Denied, Denied),
        ];
        for (tool, by_code, by_claude) in table {
            assert_eq!(code.judge(tool), by_code, "{tool}");
            assert_eq!(claude.judge(tool), by_claude, "{tool}");
            assert_eq!(unknown.judge(tool), by_claude, "a program that nobody knows: {tool}");
        }
        assert!(claude.shows("read", true) && !claude.shows("read", false) && !claude.shows("list", true));
        assert!(code.shows("read", false));
    }

    #[test]
    fn a_denied_beginning_denies_whatever_follows() {
        let containment = Containment { all: bounds(None, &["admin*", "*.delete"], false), programs: Vec::new() };
        for tool in ["admin", "admin/delete", "admin.x", "admin\\x", "admin x", "a/b.delete", ".delete"] {
            assert_eq!(containment.of(None).judge(tool), Verdict::Denied, "{tool}");
        }
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        let containment = Containment { all: bounds(Some(&[]), &[], false), programs: Vec::new() };
        assert_eq!(containment.of(None).judge("read"), Verdict::Denied);
        assert_eq!(Containment::default().of(None).judge("anything"), Verdict::Admitted);
    }
}
