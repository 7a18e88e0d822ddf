//! Faults and legs as words, for the command line, the admin page and its API: `as-token:track`, `status:503`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Fault, Leg, Times};

/// Every resource AS and server that a leg can name.
const NAMES: [&str; 6] = ["track", "linear", "figma", "wiki", "open", "idp"];

const LEGS: [(&str, Leg); 8] = [
    ("idp-metadata", Leg::IdpMetadata),
    ("idp-jwks", Leg::IdpJwks),
    ("idp-authorize", Leg::IdpAuthorize),
    ("idp-token", Leg::IdpToken),
    ("idp-code", Leg::IdpCode),
    ("idp-refresh", Leg::IdpRefresh),
    ("idp-exchange", Leg::IdpExchange),
    ("idp-revoke", Leg::IdpRevoke),
];

const PLAIN: [(&str, Fault); 27] = [
    ("cut", Fault::Cut),
    ("html", Fault::Html),
    ("huge-body", Fault::HugeBody),
    ("bad-json", Fault::BadJson),
    ("throttled", Fault::Throttled { retry_after: None }),
    ("wrong-issuer", Fault::WrongIssuer),
    ("expired", Fault::Expired),
    ("replayed", Fault::Replayed),
    ("two-audiences", Fault::TwoAudiences),
    ("wrong-audience", Fault::WrongAudience),
    ("wrong-nonce", Fault::WrongNonce),
    ("wrong-subject", Fault::WrongSubject),
    ("no-id-token", Fault::NoIdToken),
    ("alg-none", Fault::AlgNone),
    ("hs256", Fault::Hs256),
    ("unknown-kid", Fault::UnknownKid),
    ("bad-signature", Fault::BadSignature),
    ("jwe", Fault::Jwe),
    ("wrong-type", Fault::WrongType),
    ("wrong-client", Fault::WrongClient),
    ("wrong-resource", Fault::WrongResource),
    ("cross-origin", Fault::CrossOrigin),
    ("long-life", Fault::LongLife),
    ("wrong-token-type", Fault::WrongTokenType),
    ("no-expiry", Fault::NoExpiry),
    ("bonus", Fault::Bonus),
    ("unauthorized", Fault::Unauthorized),
];

impl fmt::Display for Leg {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsMetadata(name) => write!(out, "as-metadata:{name}"),
            Self::AsToken(name) => write!(out, "as-token:{name}"),
            Self::Prm(name) => write!(out, "prm:{name}"),
            Self::Mcp(name) => write!(out, "mcp:{name}"),
            plain => out.write_str(LEGS.iter().find(|(_, leg)| leg == plain).map_or("", |(word, _)| word)),
        }
    }
}

impl FromStr for Leg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, name) = text.split_once(':').unwrap_or((text, ""));
        if let Some((_, leg)) = LEGS.iter().find(|(known, _)| *known == text) {
            return Ok(*leg);
        }
        let name = NAMES.iter().find(|known| **known == name);
        let name = name.ok_or_else(|| format!("there is no leg '{text}'"))?;
        match word {
            "as-metadata" => Ok(Self::AsMetadata(name)),
            "as-token" => Ok(Self::AsToken(name)),
            "prm" => Ok(Self::Prm(name)),
            "mcp" => Ok(Self::Mcp(name)),
            _ => Err(format!("there is no leg '{text}'")),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow(time) => write!(out, "slow:{}", time.as_millis()),
            Self::Late(time) => write!(out, "late:{}", time.as_millis()),
            Self::Status(status) => write!(out, "status:{status}"),
            Self::Redirect(to) => write!(out, "redirect:{to}"),
            Self::Throttled { retry_after: Some(seconds) } => write!(out, "throttled:{seconds}"),
            Self::Error { status, code, description } => write!(out, "error:{status}:{code}:{description}"),
            Self::OkFalse(error) => write!(out, "ok-false:{error}"),
            Self::ClockOff(minutes) => write!(out, "clock-off:{minutes}"),
            Self::StepUp(acr) => write!(out, "step-up:{acr}"),
            Self::MoreScope(scope) => write!(out, "more-scope:{scope}"),
            Self::ForeignMetadata => out.write_str("foreign-metadata"),
            plain => out.write_str(PLAIN.iter().find(|(_, fault)| fault == plain).map_or("", |(word, _)| word)),
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, fault)) = PLAIN.iter().find(|(known, _)| *known == text) {
            return Ok(fault.clone());
        }
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        let number = || rest.parse::<i64>().map_err(|_| format!("'{word}' needs a number"));
        let time = || number().map(|ms| Duration::from_millis(ms.unsigned_abs()));
        Ok(match word {
            "slow" => Self::Slow(time()?),
            "late" => Self::Late(time()?),
            "status" => Self::Status(rest.parse().map_err(|_| "'status' needs a number".to_owned())?),
            "redirect" => Self::Redirect(rest.to_owned()),
            "throttled" => Self::Throttled { retry_after: Some(number()?.unsigned_abs()) },
            "ok-false" => Self::OkFalse(rest.to_owned()),
            "clock-off" => Self::ClockOff(number()?),
            "step-up" => Self::StepUp(rest.to_owned()),
            "more-scope" => Self::MoreScope(rest.to_owned()),
            "foreign-metadata" => Self::ForeignMetadata,
            "error" => {
                let mut parts = rest.splitn(3, ':');
                let status = parts.next().and_then(|part| part.parse().ok()).unwrap_or(400);
                let [code, description] = [parts.next(), parts.next()].map(|part| part.unwrap_or_default().to_owned());
                Self::Error { status, code, description }
            }
            _ => return Err(format!("there is no fault '{text}'")),
        })
    }
}

impl FromStr for Times {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" | "once" => Ok(Self::Once),
            "always" => Ok(Self::Always),
            number => number.parse().map(Self::N).map_err(|_| format!("'{number}' is neither once, always nor a number")),
        }
    }
}

/// The spellings, for the page that offers them.
pub(crate) fn legs() -> Vec<String> {
    let mut words: Vec<String> = LEGS.iter().map(|(word, _)| (*word).to_owned()).collect();
    words.extend(["track", "wiki"].iter().flat_map(|name| [format!("as-metadata:{name}"), format!("as-token:{name}")]));
    words.extend(["linear", "figma", "wiki", "open"].iter().flat_map(|id| [format!("prm:{id}"), format!("mcp:{id}")]));
    words
}

/// Faults for the page: those that need no argument, and examples of the others.
pub(crate) fn examples() -> Vec<String> {
    let rich = [
        "slow:3000",
        "late:3000",
        "status:503",
        "redirect:https://portal.example/",
        "throttled:5",
        "error:400:invalid_grant:The refresh token is invalid or expired.",
        "ok-false:not_allowed",
        "clock-off:10",
        "step-up:phr",
        "more-scope:write",
        "foreign-metadata",
    ];
    PLAIN.iter().map(|(word, _)| (*word).to_owned()).chain(rich.map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back_as_itself() {
        for word in examples() {
            let fault: Fault = word.parse().unwrap();
            assert_eq!(fault.to_string(), word);
        }
        for word in legs() {
            let leg: Leg = word.parse().unwrap();
            assert_eq!(leg.to_string(), word);
        }
        assert!("as-token:nobody".parse::<Leg>().is_err());
        assert!("explode".parse::<Fault>().is_err());
    }
}
