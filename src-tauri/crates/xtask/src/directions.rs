//! Which crate may depend on which: rooms on rooms to their left, and one owner for each dangerous library.

use serde_json::Value;

const PREFIX: &str = "lanyard-";

/// A crate, and the crates of the workspace that it may use.
const EDGES: &[(&str, &[&str])] = &[
    ("secret", &[]),
    ("net", &["secret"]),
    ("wire", &["secret"]),
    ("policy", &["secret", "wire"]),
    ("admin", &["secret", "policy"]),
    ("session", &["secret", "net"]),
    ("exchange", &["secret", "net", "session"]),
    ("broker", &["secret", "net", "exchange", "wire"]),
    ("agent", &["secret", "net", "wire", "policy", "session", "exchange", "broker"]),
    ("cli", &["secret", "wire", "policy", "admin", "agent"]),
    ("tray", &["secret", "wire", "policy", "agent"]),
    ("xtask", &[]),
];

/// A library, and the crates that may use it; one each where it can be. Nobody: only the tests may.
const OWNERS: &[(&str, &str)] = &[
    ("reqwest", "net"),
    ("rustls", "net"),
    ("rustls-platform-verifier", "net"),
    ("rustls-native-certs", "net"),
    ("keyring", "session"),
    ("keyring-core", "session"),
    ("zbus", "session"),
    // Notices and the panel are on the session bus.
    ("zbus", "tray"),
    ("ksni", "tray"),
    ("arboard", "tray"),
    // The portal of the desktop says which proxy to use.
    ("zbus", "net"),
    ("zbus-secret-service-keyring-store", "session"),
    ("x509-cert", "net"),
    ("apple-native-keyring-store", "session"),
    ("security-framework", "session"),
    // The signatures of callers are judged where callers are known.
    ("security-framework", "broker"),
    ("oslog", "broker"),
    ("chacha20poly1305", "session"),
    ("notify", "policy"),
    ("windows-registry", "policy"),
    ("plist", "policy"),
    // Profiles are written where what is deployed is made.
    ("plist", "admin"),
    ("hyper", "broker"),
    ("hyper-util", "broker"),
    // The bridge is the gateway's other end.
    ("hyper", "cli"),
    ("hyper-util", "cli"),
    ("tauri", "tray"),
    ("tauri-build", "tray"),
    ("clap", "cli"),
    ("axum", "nobody"),
    ("rmcp", "nobody"),
    ("anyhow", "nobody"),
];

/// The sandbox plays IdP, servers and attackers, and so may use what it likes.
const EXEMPT: &str = "tests";

/// What is wrong in `cargo metadata`. What only tests use is not looked at.
pub(crate) fn faults(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut faults = Vec::new();
    for package in packages {
        let name = short(&package["name"]);
        if name == EXEMPT {
            continue;
        }
        let Some((_, allowed)) = EDGES.iter().find(|(room, _)| *room == name) else {
            faults.push(format!("{name} has no place in the table of directions"));
            continue;
        };
        let dependencies = package["dependencies"].as_array().map(Vec::as_slice).unwrap_or_default();
        for dependency in dependencies.iter().filter(|dependency| dependency["kind"] != "dev") {
            let used = short(&dependency["name"]);
            if dependency["path"].is_string() {
                if !allowed.contains(&used) {
                    faults.push(format!("{name} must not depend on {used}"));
                }
                continue;
            }
            let owners: Vec<_> = OWNERS.iter().filter(|(library, _)| *library == used).map(|(_, owner)| *owner).collect();
            if !owners.is_empty() && !owners.contains(&name) {
                faults.push(format!("{name} must not use {used}, which belongs to {}", owners.join(" and ")));
            }
        }
    }
    faults
}

fn short(name: &Value) -> &str {
    let name = name.as_str().unwrap_or_default();
    name.strip_prefix(PREFIX).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn workspace(name: &str, used: &str, path: Option<&str>, kind: Option<&str>) -> Value {
        json!({ "packages": [{ "name": name, "dependencies": [{ "name": used, "path": path, "kind": kind }] }] })
    }

    #[test]
    fn a_forbidden_edge_is_named() {
        let here = Some("/src");
        let table = [
            (workspace("lanyard-session", "lanyard-policy", here, None), "session must not depend on policy"),
            (workspace("lanyard-policy", "lanyard-session", here, None), "policy must not depend on session"),
            (workspace("lanyard-wire", "lanyard-net", here, Some("build")), "wire must not depend on net"),
            (workspace("lanyard-cli", "lanyard-session", here, None), "cli must not depend on session"),
            (workspace("lanyard-agent", "lanyard-tests", here, None), "agent must not depend on tests"),
            (workspace("lanyard-broker", "reqwest", None, None), "broker must not use reqwest, which belongs to net"),
            (workspace("lanyard-net", "axum", None, None), "net must not use axum, which belongs to nobody"),
            (workspace("lanyard-new", "serde", None, None), "new has no place in the table of directions"),
        ];
        for (metadata, fault) in table {
            assert_eq!(faults(&metadata), [fault]);
        }
    }

    #[test]
    fn allowed_edges_and_those_of_tests_are_silent() {
        let here = Some("/src");
        for metadata in [
            workspace("lanyard-exchange", "lanyard-session", here, None),
            workspace("lanyard-session", "lanyard-tests", here, Some("dev")),
            workspace("lanyard-net", "reqwest", None, None),
            workspace("lanyard-tests", "axum", None, None),
        ] {
            assert!(faults(&metadata).is_empty(), "{metadata}");
        }
    }

    #[test]
    fn every_room_depends_on_rooms_that_stand_before_it() {
        for (at, (room, allowed)) in EDGES.iter().enumerate() {
            for used in *allowed {
                assert!(EDGES[..at].iter().any(|(before, _)| before == used), "{room} -> {used}");
            }
        }
    }
}
