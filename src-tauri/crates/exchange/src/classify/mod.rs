//! What a refusal means: one table from leg, code and text to what is done, whose fault it is, and who can mend it.

mod table;

use net::Refusal;

/// The two legs whose refusals are judged here. Sign-in and refresh are the session's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// Leg 2: the IdP's token exchange (RFC 8693).
    Exchange,
    /// Leg 3: the resource AS's JWT bearer grant (RFC 7523).
    Redeem,
}

/// What is done about it. The first refusal of a kind may be worth one repair; a second one is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new assertion and a new token, once.
    Remint,
    /// A new assertion, then leg 3 without `scope`; remembered.
    OmitScope,
    /// A new assertion, then leg 3 without `resource`; remembered.
    OmitResource,
    /// A refreshed identity, then again, once.
    Refresh,
    /// Policy's default scopes instead of those asked, once.
    DefaultScopes,
    /// The older spelling of the token type, once; remembered.
    OlderTokenType,
    /// The refresh token as subject instead of the ID token, where policy leaves it open, once; remembered.
    OtherSubject,
    /// The token endpoint as audience of client assertions, once; remembered.
    OtherAudience,
    /// Forget the metadata and look again, once.
    Rediscover,
    /// The session is over at the IdP.
    Gone,
    /// The IdP wants a stronger sign-in.
    StepUp,
    /// Stop.
    Stop,
}

/// What the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The IdP says no to this account.
    IdpRefused,
    /// The server's side says no to this account.
    ServerRefused,
    /// It is set up so that it cannot work.
    Misconfigured,
    /// There is no enterprise sign-in.
    NotSupported,
    /// Scopes beyond what is granted.
    Scope,
    /// A stronger sign-in is wanted.
    StepUp,
    /// The sign-in is over.
    SignIn,
}

/// Who can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The people who run the identity provider.
    Idp,
    /// The owner of the server's side.
    App,
    /// The people who write Lanyard's policy.
    Policy,
    /// The person at the keyboard.
    Person,
}

impl Who {
    /// As a phrase in a sentence.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Idp => "the administrators of the identity provider",
            Self::App => "the administrators of the server",
            Self::Policy => "whoever writes the Lanyard policy",
            Self::Person => "the person at this computer",
        }
    }
}

/// One row: which refusals, and what they come to.
#[derive(Debug)]
pub struct Row {
    /// The leg.
    pub leg: Leg,
    /// The codes it is about; empty for any.
    pub codes: &'static [&'static str],
    /// Fragments of the description, any of which must occur; empty for any description.
    pub fragments: &'static [&'static str],
    /// What is tried first.
    pub first: Action,
    /// What is done when that was tried, or is not possible.
    pub then: Action,
    /// What the caller is told.
    pub meaning: Meaning,
    /// Who can mend it.
    pub who: Who,
    /// What is known of it, in Lanyard's words.
    pub hint: &'static str,
    /// Whether a new network may clear it.
    pub network: bool,
}

/// The codes of rows that are about a missing endpoint: no error at all, and HTTP 404 or 405.
const NO_ENDPOINT: &[&str] = &[""];

/// The row for a refusal: the first that fits.
pub fn classify(leg: Leg, refusal: &Refusal) -> &'static Row {
    let text = refusal.description.to_ascii_lowercase();
    let fits = |row: &&Row| {
        row.leg == leg
            && (row.codes.is_empty() || row.codes.contains(&refusal.code.as_str()))
            && (row.fragments.is_empty() || row.fragments.iter().any(|fragment| text.contains(fragment)))
            && (row.codes != NO_ENDPOINT || matches!(refusal.status, 404 | 405))
    };
    table::ROWS.iter().find(fits).unwrap_or(match leg {
        Leg::Exchange => &table::UNKNOWN_AT_IDP,
        Leg::Redeem => &table::UNKNOWN_AT_AS,
    })
}

#[cfg(test)]
mod tests;
