use serde::{Deserialize, Serialize};

use crate::id_token::Claims;

/// Who signed in, as far as faces show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The IdP's `sub`: the key of the account, never its name.
    pub subject: String,
    /// `name`, or `preferred_username`.
    pub name: Option<String>,
    /// `email`.
    pub email: Option<String>,
}

impl Account {
    pub(crate) fn of(claims: &Claims) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(|text| net::theirs(text, 120));
        Self {
            subject: claims.sub.clone(),
            name: shown(&claims.name).or_else(|| shown(&claims.preferred_username)),
            email: shown(&claims.email),
        }
    }
}

/// One entry of `AllowedAccounts`; any match admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRule {
    /// `domain:x`: the part of a verified e-mail address after the `@`.
    Domain(String),
    /// `tenant:x`: the claim `tid` or `hd`.
    Tenant(String),
    /// `group:x`: an element of the claim `groups`.
    Group(String),
}

impl AccountRule {
    fn admits(&self, claims: &Claims) -> bool {
        match self {
            Self::Domain(domain) => {
                let address = claims.email.as_deref().filter(|_| claims.email_verified);
                address.and_then(|address| address.rsplit_once('@')).is_some_and(|(_, of)| of.eq_ignore_ascii_case(domain))
            }
            Self::Tenant(tenant) => claims.tid.as_ref() == Some(tenant) || claims.hd.as_ref() == Some(tenant),
            Self::Group(group) => claims.groups.contains(group),
        }
    }
}

/// Whether `rules` admit the account; no rules admit every account of the issuer.
pub fn admitted(rules: &[AccountRule], claims: &Claims) -> bool {
    rules.is_empty() || rules.iter().any(|rule| rule.admits(claims))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_matching_rule_admits_and_doubt_does_not() {
        let ada = Claims {
            email: Some("ada@Acme.example".into()),
            email_verified: true,
            hd: Some("acme".into()),
            groups: vec!["engineering".into()],
            ..Claims::default()
        };
        let unverified = Claims { email_verified: false, ..ada.clone() };
        let domain = [AccountRule::Domain("acme.example".into())];
        assert!(admitted(&[], &ada));
        assert!(admitted(&domain, &ada));
        assert!(!admitted(&domain, &unverified));
        assert!(!admitted(&[AccountRule::Domain("example".into())], &ada));
        assert!(!admitted(&domain, &Claims { email: Some("ada@acme.example@evil".into()), ..ada.clone() }));
        assert!(admitted(&[AccountRule::Tenant("other".into()), AccountRule::Tenant("acme".into())], &ada));
        assert!(admitted(&[AccountRule::Group("engineering".into())], &ada));
        assert!(!admitted(&[AccountRule::Group("Engineering".into())], &ada));
    }
}
