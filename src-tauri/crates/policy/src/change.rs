//! What a new policy changes, so that exactly what it touches is rebuilt.

use crate::policy::{Identity, Policy};
use crate::server::Server;

/// What differs between two policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Who signs in where.
    pub identity: IdentityChange,
    /// Rules of the session.
    pub session: bool,
    /// Rules of tokens.
    pub exchange: bool,
    /// Servers by what is to be done about them.
    pub servers: ServersChange,
    /// Rules of the doors.
    pub doors: bool,
    /// Proxy and trust.
    pub network: bool,
    /// The audit log.
    pub audit: bool,
    /// What people see and may do.
    pub appearance: bool,
}

/// What becomes of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdentityChange {
    /// Nothing.
    #[default]
    Same,
    /// How the identity provider is spoken to; the session lives on.
    Adjusted,
    /// Who may sign in, or how surely it is proved: the signed-in account is judged again.
    Rejudged,
    /// It ends: another issuer or client, a closed agent, or another one who is in charge.
    Ended,
    /// There was none; now there can be one.
    Opened,
}

/// Servers by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServersChange {
    /// New ones.
    pub added: Vec<String>,
    /// Their tokens are dropped.
    pub removed: Vec<String>,
    /// Their tokens are dropped and what was discovered is forgotten.
    pub changed: Vec<String>,
    /// Who may use them, or for what, is different; tokens stay good.
    pub guarded: Vec<String>,
    /// Only their texts are different.
    pub retitled: Vec<String>,
}

impl Change {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ServersChange {
    /// The servers whose tokens must not be served any more.
    pub fn dropped(&self) -> impl Iterator<Item = &str> {
        self.removed.iter().chain(&self.changed).map(String::as_str)
    }
}

/// Compares two policies.
pub fn between(old: &Policy, new: &Policy) -> Change {
    Change {
        identity: identity(old, new),
        session: old.session != new.session,
        exchange: old.exchange != new.exchange,
        servers: servers(old, new),
        doors: old.doors != new.doors,
        network: old.network != new.network,
        audit: old.audit != new.audit,
        appearance: old.appearance != new.appearance,
    }
}

fn identity(old: &Policy, new: &Policy) -> IdentityChange {
    let (before, after) = match (&old.identity, &new.identity) {
        (Err(_), Err(_)) => return IdentityChange::Same,
        (Err(_), Ok(_)) => return IdentityChange::Opened,
        (Ok(_), Err(_)) => return IdentityChange::Ended,
        (Ok(before), Ok(after)) => (before, after),
    };
    let strength = |identity: &Identity| (identity.acr_values.clone(), identity.max_age_seconds);
    if old.managed != new.managed || before.issuer != after.issuer || before.client_id != after.client_id {
        IdentityChange::Ended
    } else if before.allowed_accounts != after.allowed_accounts || strength(before) != strength(after) {
        IdentityChange::Rejudged
    } else if before != after {
        IdentityChange::Adjusted
    } else {
        IdentityChange::Same
    }
}

fn servers(old: &Policy, new: &Policy) -> ServersChange {
    let mut change = ServersChange::default();
    for (id, before) in &old.servers {
        let Some(after) = new.servers.get(id) else {
            change.removed.push(id.clone());
            continue;
        };
        if before == after {
            continue;
        }
        let list = if bare(before) != bare(after) {
            &mut change.changed
        } else if unnamed(before) != unnamed(after) {
            &mut change.guarded
        } else {
            &mut change.retitled
        };
        list.push(id.clone());
    }
    let added = new.servers.keys().filter(|id| !old.servers.contains_key(*id));
    change.added.extend(added.cloned());
    change
}

fn unnamed(server: &Server) -> Server {
    Server { title: None, contact: None, ..server.clone() }
}

/// What tokens depend on: everything but texts and guards, so that a key added later drops tokens until it is listed here.
fn bare(server: &Server) -> Server {
    Server { allowed_programs: None, tools: None, read_only: false, programs: None, ..unnamed(server) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    const OLD: &str = r#"{"Issuer":"https://a.example","ClientId":"c","Servers":{
        "x":{"url":"https://x.example/mcp","title":"X","scopes":["r"]}}}"#;

    fn change(from: &str, to: &str) -> Change {
        let new = OLD.replace(from, to);
        assert_ne!(new, OLD, "{from} is not there");
        let (old, new) = (check("x", OLD.as_bytes()), check("x", new.as_bytes()));
        assert_eq!(new.faults, [], "{from} -> {to}");
        assert_eq!(between(&old, &old), Change::default());
        between(&old, &new)
    }

    #[test]
    fn each_identity_change_has_its_consequence() {
        for (from, to, expected) in [
            ("https://a.example", "https://b.example", IdentityChange::Ended),
            ("\"c\"", "\"d\"", IdentityChange::Ended),
            ("\"ClientId\":\"c\",", "", IdentityChange::Ended),
            ("\"c\"", "\"c\",\"AllowedAccounts\":[\"domain:a.example\"]", IdentityChange::Rejudged),
            ("\"c\"", "\"c\",\"MaxAgeSeconds\":9", IdentityChange::Rejudged),
            ("\"c\"", "\"c\",\"Prompt\":\"login\"", IdentityChange::Adjusted),
            ("\"c\"", "\"c\",\"TokenEndpoint\":\"https://a.example/t\"", IdentityChange::Adjusted),
            ("\"c\"", "\"c\",\"LogLevel\":\"debug\"", IdentityChange::Same),
        ] {
            assert_eq!(change(from, to).identity, expected, "{to}");
        }
        let closed = check("x", b"{}");
        let open = check("x", OLD.as_bytes());
        assert_eq!(between(&closed, &open).identity, IdentityChange::Opened);
        assert_eq!(between(&closed, &closed).identity, IdentityChange::Same);
        let mut managed = open.clone();
        managed.managed = true;
        assert_eq!(between(&open, &managed).identity, IdentityChange::Ended);
    }

    #[test]
    fn each_server_change_has_its_consequence() {
        let x = || vec!["x".to_owned()];
        for (from, to, expected) in [
            ("\"X\"", "\"Y\"", ServersChange { retitled: x(), ..Default::default() }),
            ("\"X\"", "\"X\",\"readOnly\":true", ServersChange { guarded: x(), ..Default::default() }),
            ("\"X\"", "\"Y\",\"allowedPrograms\":[]", ServersChange { guarded: x(), ..Default::default() }),
            ("[\"r\"]", "[\"w\"]", ServersChange { changed: x(), ..Default::default() }),
            ("x.example", "y.example", ServersChange { changed: x(), ..Default::default() }),
            ("\"X\"", "\"X\",\"clientSecret\":\"s\"", ServersChange { changed: x(), ..Default::default() }),
            ("\"x\"", "\"y\"", ServersChange { added: vec!["y".into()], removed: x(), ..Default::default() }),
        ] {
            assert_eq!(change(from, to).servers, expected, "{to}");
        }
        let moved = change("x.example", "y.example").servers;
        assert_eq!(moved.dropped().collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn each_group_is_told_apart() {
        type Mark = fn(&Change) -> bool;
        let table: &[(&str, Mark)] = &[
            ("\"AutoSignIn\":\"at-log-on\"", |c| c.session),
            ("\"MonthlyMintBudget\":1", |c| c.exchange),
            ("\"TokenDoor\":false", |c| c.doors),
            ("\"ProxyMode\":\"none\"", |c| c.network),
            ("\"AuditSinks\":[]", |c| c.audit),
            ("\"AllowQuit\":false", |c| c.appearance),
        ];
        for (setting, marked) in table {
            let change = change("\"c\"", &format!("\"c\",{setting}"));
            assert!(marked(&change), "{setting}");
            let marks = table.iter().filter(|(_, marked)| marked(&change)).count();
            assert_eq!(marks, 1, "{setting}");
        }
    }
}
