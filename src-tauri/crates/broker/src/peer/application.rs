//! Applications of Flatpak and Snap: their programs run behind a file system of their own, so no path of this one names them.
//! What is read here the sandbox' own tools wrote, and any program of the same user could stage it: it informs (LI-11).

/// How long an id may be: Flatpak and Snap allow less.
const LONGEST: usize = 255;

/// The application of a `.flatpak-info` (flatpak-metadata(5)), as `flatpak:ID`.
pub(crate) fn flatpak(info: &str) -> Option<String> {
    let group = info.lines().map(str::trim).skip_while(|line| *line != "[Application]").skip(1);
    let name = group.take_while(|line| !line.starts_with('[')).find_map(|line| line.strip_prefix("name=")?.trim().into())?;
    is_id(name).then(|| format!("flatpak:{name}"))
}

/// The snap of an AppArmor label such as `snap.code.code (enforce)`, as `snap:NAME`.
pub(crate) fn snap(label: &str) -> Option<String> {
    let name = label.strip_prefix("snap.")?.split(['.', ' ', '\n']).next()?;
    is_id(name).then(|| format!("snap:{name}"))
}

fn is_id(name: &str) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_known_by_what_its_sandbox_wrote() {
        let info = "[Instance]\nname=wrong\n[Application]\nname=com.visualstudio.code\nruntime=x\n";
        assert_eq!(flatpak(info).as_deref(), Some("flatpak:com.visualstudio.code"));
        for other in ["", "[Application]\n", "name=a\n[Application]", "[Application]\nname=a b", "[Application]\n[X]\nname=a"] {
            assert_eq!(flatpak(other), None, "{other:?}");
        }
        assert_eq!(flatpak(&format!("[Application]\nname={}", "a".repeat(256))), None);
        for (label, expected) in [
            ("snap.code.code (enforce)\n", Some("snap:code")),
            ("snap.code", Some("snap:code")),
            ("unconfined\n", None),
            ("snap.", None),
            ("snap.../x", None),
            ("/usr/bin/evince (enforce)", None),
        ] {
            assert_eq!(snap(label).as_deref(), expected, "{label:?}");
        }
    }
}
