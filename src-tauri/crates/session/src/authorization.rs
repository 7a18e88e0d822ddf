//! The authorization code flow's one-time values and the judgement of what comes back (RFC 6749 §4.1,
//! RFC 7636, RFC 9207): shared by the sign-in and by servers that policy marks `interactive`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secret::{RandomnessUnavailable, Secret};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The one-time values of an attempt (MUST 10).
pub struct Proofs {
    /// Binds the redirect to the attempt.
    pub state: Secret,
    /// Binds an ID token to the attempt.
    pub nonce: Secret,
    /// The PKCE verifier.
    pub verifier: Secret,
}

impl Proofs {
    /// Fresh ones, 256 bits each.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new() -> Result<Self, RandomnessUnavailable> {
        Ok(Self { state: secret::random_text()?, nonce: secret::random_text()?, verifier: secret::random_text()? })
    }

    /// The S256 challenge of the verifier (RFC 7636 §4.2).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()))
    }
}

/// What a request to the redirect address means.
#[derive(Debug, PartialEq, Eq)]
pub enum Callback {
    /// Not of this attempt: answered neutrally, the attempt goes on (LI-38).
    Stray,
    /// The code.
    Code(Secret),
    /// The authorization server says no.
    Refused {
        /// `error`, as theirs.
        code: String,
        /// `error_description`, as theirs.
        description: String,
    },
}

/// Judges the query of a redirect in the order state, `iss`, error, code. `announces_iss` is what the
/// metadata of `issuer` says (RFC 9207 §3); an `iss` that is there must fit whether or not it was announced.
pub fn judge(query: &str, state: &Secret, issuer: &str, announces_iss: bool) -> Callback {
    let mut found: [Option<String>; 5] = Default::default();
    const NAMES: [&str; 5] = ["state", "iss", "error", "error_description", "code"];
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if let Some(index) = NAMES.iter().position(|known| *known == name) {
            // A parameter twice is somebody's game with parsers.
            if found[index].replace(value.into_owned()).is_some() {
                return Callback::Stray;
            }
        }
    }
    let [their_state, iss, error, description, code] = found;
    let same = their_state.is_some_and(|theirs| bool::from(theirs.as_bytes().ct_eq(state.expose().as_bytes())));
    let iss_fits = iss.as_deref().map_or(!announces_iss, |iss| iss == issuer);
    if !same || !iss_fits {
        return Callback::Stray;
    }
    match (error, code) {
        (Some(code), _) => {
            Callback::Refused { code: net::theirs(&code, 80), description: net::theirs(&description.unwrap_or_default(), 300) }
        }
        (None, Some(code)) if !code.is_empty() && code.len() <= 4096 => Callback::Code(Secret::new(code)),
        _ => Callback::Stray,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_are_judged_by_state_then_issuer_then_error() {
        let state = Secret::from("s");
        let iss = "iss=https%3A%2F%2Fidp.example";
        let table = [
            (format!("state=s&code=c&{iss}"), true, "code"),
            ("state=s&code=c".to_owned(), true, "stray"),
            ("state=s&code=c".to_owned(), false, "code"),
            (format!("state=x&code=c&{iss}"), false, "stray"),
            (format!("code=c&{iss}"), false, "stray"),
            ("state=s&code=c&iss=https://idp.example/".to_owned(), false, "stray"),
            (format!("state=s&error=access_denied&code=c&{iss}"), true, "refused"),
            ("state=s&error=access_denied".to_owned(), true, "stray"),
            (format!("state=s&code=a&code=b&{iss}"), true, "stray"),
            (format!("state=s&state=s&code=a&{iss}"), true, "stray"),
            (format!("state=s&code=&{iss}"), true, "stray"),
            (String::new(), false, "stray"),
        ];
        for (query, announces, expected) in table {
            let found = match judge(&query, &state, "https://idp.example", announces) {
                Callback::Stray => "stray",
                Callback::Code(_) => "code",
                Callback::Refused { .. } => "refused",
            };
            assert_eq!(found, expected, "{query} {announces}");
        }
    }
}
