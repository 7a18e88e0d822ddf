//! What a server answers to a token, and what may follow: pure decisions.

use jiff::{SignedDuration, Timestamp};
use session::state::Demand;

use crate::classify::Who;
use crate::discovery::Challenge;
use crate::error::Kind;

/// After a fresh token was refused too, no other is fetched for the same reason for this long.
const REJECTING: SignedDuration = SignedDuration::from_secs(60);
/// Scopes that were not granted are not asked for again for this long.
const DENIED: SignedDuration = SignedDuration::from_mins(5);
/// At most so many wider tokens for one request.
const WIDER: u32 = 2;

/// A 401 or 403 of a server to a request with a token.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// 401 or 403.
    pub status: u16,
    /// The text of `WWW-Authenticate`; empty when there is none.
    pub challenge: &'a str,
    /// The scopes of the token that was refused.
    pub scope: &'a str,
    /// What was already tried for this request.
    pub tried: Tried,
}

/// What was tried for one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Whether a fresh token was.
    pub fresh: bool,
    /// How often wider scopes were.
    pub wider: u32,
}

/// What one server answered lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    rejecting_until: Option<Timestamp>,
    /// The sign-ins counted when a stronger one was demanded.
    demanded_at: Option<u64>,
    denied: Option<(Vec<String>, Timestamp)>,
}

/// What follows a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The token is dropped and the request sent once more with a fresh one.
    Fresh,
    /// The request is sent once more with a token for these scopes.
    Wider(Vec<String>),
    /// The person must prove more.
    StepUp(Demand),
    /// Nothing more is tried.
    Stop(Kind, &'static str, Who),
}

impl Answers {
    /// Judges a refusal. A server decides before it acts, so the request may be sent again.
    pub(crate) fn judge(&mut self, refusal: &Refusal<'_>, sign_ins: u64, now: Timestamp) -> Next {
        let challenge = Challenge::read(refusal.challenge);
        match (refusal.status, challenge.error.as_deref()) {
            (401, Some("insufficient_user_authentication")) => self.demanded(challenge, refusal.tried, sign_ins),
            (401, _) => self.rejected(refusal.tried, now),
            (_, Some("insufficient_scope")) => self.insufficient(challenge, refusal, now),
            _ => Next::Stop(Kind::ServerRefused, "The server does not permit this to your account.", Who::App),
        }
    }

    /// A token for these scopes was not to be had.
    pub(crate) fn denied(&mut self, scopes: &[String], now: Timestamp) {
        self.denied = Some((scopes.to_vec(), now + DENIED));
    }

    fn rejected(&mut self, tried: Tried, now: Timestamp) -> Next {
        if tried.fresh {
            self.rejecting_until = Some(now + REJECTING);
        }
        match self.rejecting_until {
            Some(until) if now < until => Next::Stop(
                Kind::ServerRefused,
                "The server refuses tokens that were just issued for it; it may expect another audience or issuer.",
                Who::App,
            ),
            _ => Next::Fresh,
        }
    }

    /// RFC 9470: once for each sign-in, so that a demand that no sign-in satisfies ends (MUST 43).
    fn demanded(&mut self, challenge: Challenge, tried: Tried, sign_ins: u64) -> Next {
        match self.demanded_at {
            Some(at) if at != sign_ins && tried.fresh => {
                Next::Stop(Kind::ServerRefused, "The server asks for a stronger sign-in again after there was one.", Who::App)
            }
            Some(at) if at != sign_ins => Next::Fresh,
            _ => {
                self.demanded_at = Some(sign_ins);
                Next::StepUp(Demand::StepUp { acr_values: challenge.acr_values, max_age: challenge.max_age })
            }
        }
    }

    fn insufficient(&mut self, challenge: Challenge, refusal: &Refusal<'_>, now: Timestamp) -> Next {
        let held: Vec<&str> = refusal.scope.split_ascii_whitespace().collect();
        let asked = challenge.scopes.unwrap_or_default();
        if asked.iter().all(|scope| held.contains(&scope.as_str())) {
            let hint = "The server asks for scopes that its token already has, or for none by name.";
            return Next::Stop(Kind::ServerRefused, hint, Who::App);
        }
        let mut union: Vec<String> = held.into_iter().map(str::to_owned).collect();
        union.extend(asked.into_iter().filter(|scope| !refusal.scope.split_ascii_whitespace().any(|held| held == scope)));
        let denied =
            |(scopes, until): &(Vec<String>, Timestamp)| now < *until && scopes.iter().all(|scope| union.contains(scope));
        if refusal.tried.wider >= WIDER || self.denied.as_ref().is_some_and(denied) {
            return Next::Stop(Kind::Scope, "The scopes that the server asks for are not granted to you.", Who::Idp);
        }
        Next::Wider(union)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: Tried = Tried { fresh: true, wider: 0 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn refusal(status: u16, challenge: &str, tried: Tried) -> Refusal<'_> {
        Refusal { status, challenge, scope: "read", tried }
    }

    fn stops(next: &Next, kind: Kind) -> bool {
        matches!(next, Next::Stop(found, ..) if *found == kind)
    }

    #[test]
    fn a_refused_token_is_replaced_once_and_then_not_for_a_minute() {
        let mut answers = Answers::default();
        let ask = |answers: &mut Answers, tried, second| answers.judge(&refusal(401, "Bearer", tried), 1, at(second));
        assert_eq!(ask(&mut answers, Tried::default(), 0), Next::Fresh);
        assert!(stops(&ask(&mut answers, FRESH, 1), Kind::ServerRefused));
        assert!(stops(&ask(&mut answers, Tried::default(), 60), Kind::ServerRefused), "still within the minute");
        assert_eq!(ask(&mut answers, Tried::default(), 61), Next::Fresh);
    }

    #[test]
    fn scopes_grow_by_what_the_server_asks_and_only_so_often() {
        let mut answers = Answers::default();
        let more = r#"Bearer error="insufficient_scope", scope="write read""#;
        let mut ask = |challenge: &str, wider, second| {
            answers.judge(&refusal(403, challenge, Tried { fresh: false, wider }), 1, at(second))
        };
        let union = vec!["read".to_owned(), "write".to_owned()];
        assert_eq!(ask(more, 0, 0), Next::Wider(union.clone()));
        assert_eq!(ask(more, 1, 0), Next::Wider(union.clone()));
        assert!(stops(&ask(more, 2, 0), Kind::Scope));
        assert!(stops(&ask(r#"Bearer error="insufficient_scope", scope="read""#, 0, 0), Kind::ServerRefused));
        assert!(stops(&ask(r#"Bearer error="insufficient_scope""#, 0, 0), Kind::ServerRefused));
        assert!(stops(&ask("", 0, 0), Kind::ServerRefused), "a permission inside the application");
        assert!(stops(&ask(r#"Bearer error="invalid_token""#, 0, 0), Kind::ServerRefused));
        answers.denied(&union, at(0));
        let again = |answers: &mut Answers, second| answers.judge(&refusal(403, more, Tried::default()), 1, at(second));
        assert!(stops(&again(&mut answers, 299), Kind::Scope), "what was denied costs no other exchange");
        assert_eq!(again(&mut answers, 300), Next::Wider(union));
    }

    #[test]
    fn a_stronger_sign_in_is_demanded_once() {
        let mut answers = Answers::default();
        let wanted = r#"Bearer error="insufficient_user_authentication", acr_values="phr", max_age=5"#;
        let demand = Next::StepUp(Demand::StepUp { acr_values: Some("phr".into()), max_age: Some(5) });
        let mut ask = |tried, sign_ins| answers.judge(&refusal(401, wanted, tried), sign_ins, at(0));
        assert_eq!(ask(Tried::default(), 1), demand);
        assert_eq!(ask(Tried::default(), 1), demand, "still the same sign-in");
        assert_eq!(ask(Tried::default(), 2), Next::Fresh, "the token of before does not know of it");
        assert!(stops(&ask(FRESH, 2), Kind::ServerRefused));
    }
}
