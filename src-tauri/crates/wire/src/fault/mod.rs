//! The closed list of faults: one table for tray, window, CLI, API and documentation.

mod sentences;

use serde::{Deserialize, Serialize};

/// A fault's code: what programs match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Policy names no identity provider.
    NotConfigured,
    /// A setting that decides who may sign in is faulty.
    PolicyFault,
    /// Nobody is signed in.
    SignInRequired,
    /// The IdP wants a stronger or fresher sign-in.
    StepUpRequired,
    /// The browser is open.
    SignInInProgress,
    /// The keychain is locked.
    VaultLocked,
    /// The keychain is away.
    VaultUnavailable,
    /// The IdP cannot be reached.
    IdpUnreachable,
    /// The server or its authorization server cannot be reached.
    ServerUnreachable,
    /// The IdP asks to slow down.
    IdpThrottled,
    /// Too much at once.
    Busy,
    /// The IdP refuses this server to this account.
    IdpRefused,
    /// Policy does not admit this account.
    AccountNotAllowed,
    /// Policy does not admit this program.
    ClientNotAllowed,
    /// The server's side refuses this account.
    ServerRefused,
    /// No such server in policy.
    ServerUnknown,
    /// Server, authorization server or IdP are set up so that it cannot work.
    ServerMisconfigured,
    /// The server does not offer enterprise sign-in.
    ServerNotSupported,
    /// A scope beyond policy.
    ScopeNotAllowed,
    /// Policy or a person closed this door.
    DoorClosed,
    /// The request is wrong.
    BadRequest,
    /// An API version unknown here.
    VersionUnsupported,
    /// A defect of Lanyard.
    Internal,
}

/// When trying again makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// Never with the same request.
    Never,
    /// After a while; `retry_after` says how long.
    After,
    /// After a person did something.
    AfterPerson,
    /// After policy changed.
    AfterPolicy,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The code.
    pub code: Code,
    /// The HTTP status.
    pub status: u16,
    /// The CLI's exit code.
    pub exit: u8,
    /// When to try again.
    pub retry: Retry,
    /// A few words.
    pub title: &'static str,
    /// What happened.
    pub what: &'static str,
    /// What to do.
    pub action: &'static str,
    /// Whom to ask, when policy names nobody.
    pub ask: &'static str,
}

/// RFC 9457 problem details, as every door answers them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema, ts_rs::TS))]
pub struct Problem {
    /// `urn:lanyard:fault:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A few words.
    pub title: String,
    /// What happened.
    pub detail: String,
    /// The HTTP status.
    pub status: u16,
    /// The code.
    pub code: Code,
    /// What to do.
    pub action: String,
    /// Whom to ask.
    pub contact: String,
    /// When to try again.
    pub retry: Retry,
    /// Seconds, with [`Retry::After`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u64>,
}

impl Code {
    /// Every code, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        sentences::TABLE.iter().map(|row| row.code)
    }

    /// The row of this code.
    pub fn row(self) -> &'static Row {
        // The table is in the enum's order; a test holds it to that.
        &sentences::TABLE[self as usize]
    }

    /// The code as it is written.
    pub fn name(self) -> &'static str {
        sentences::NAMES[self as usize]
    }

    /// The problem with the table's own sentences; `contact` from policy, where there is one.
    pub fn problem(self, contact: Option<&str>) -> Problem {
        let row = self.row();
        Problem {
            kind: format!("urn:lanyard:fault:{}", self.name()),
            title: row.title.to_owned(),
            detail: row.what.to_owned(),
            status: row.status,
            code: self,
            action: row.action.to_owned(),
            contact: contact.unwrap_or(row.ask).to_owned(),
            retry: row.retry,
            retry_after: None,
        }
    }
}

impl Problem {
    /// The three sentences, as a person reads them.
    pub fn sentences(&self) -> String {
        format!("{} {} {}", self.detail, self.action, self.contact_sentence())
    }

    /// Whom to ask, as a sentence.
    pub fn contact_sentence(&self) -> String {
        format!("Ask for help: {}.", self.contact.trim_end_matches('.'))
    }

    /// This problem with more about what happened, in Lanyard's words, after the table's sentence.
    pub fn because(mut self, more: &str) -> Self {
        if !more.is_empty() {
            self.detail = format!("{} {more}", self.detail);
        }
        self
    }

    /// This problem with seconds to wait.
    pub fn after(mut self, seconds: Option<u64>) -> Self {
        if self.retry == Retry::After {
            self.retry_after = seconds.or(Some(5));
        }
        self
    }

    /// The CLI's exit code.
    pub fn exit(&self) -> u8 {
        self.code.row().exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_enums_order_and_named_as_it_is_written() {
        for (index, row) in sentences::TABLE.iter().enumerate() {
            assert_eq!(row.code as usize, index);
            let written = serde_json::to_value(row.code).unwrap();
            assert_eq!(written, sentences::NAMES[index]);
        }
        assert_eq!(Code::all().count(), 23);
    }

    #[test]
    fn every_fault_has_three_sentences_and_no_fault_is_a_challenge() {
        for row in Code::all().map(Code::row) {
            for sentence in [row.what, row.action] {
                assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
            }
            assert!(!row.ask.is_empty());
            assert_ne!(row.status, 401, "401 would make a client start its own sign-in");
        }
    }

    #[test]
    fn statuses_and_exits_are_the_contracts() {
        let table: Vec<String> = Code::all()
            .map(|code| format!("{} {} {} {:?}", code.name(), code.row().status, code.row().exit, code.row().retry))
            .collect();
        insta::assert_snapshot!(table.join("\n"));
    }
}
