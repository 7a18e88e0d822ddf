/// One entry of `AllowedAccounts`: whom it admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// `domain:x`, in lower case: a verified e-mail address of that domain.
    Domain(String),
    /// `tenant:x`: the claim `tid` or `hd`.
    Tenant(String),
    /// `group:x`: one of the claim `groups`.
    Group(String),
}

pub(super) fn parse(text: &str) -> Result<Account, String> {
    let shape = "must be domain:…, tenant:… or group:…";
    let (kind, name) = text.split_once(':').ok_or(shape)?;
    if name.is_empty() || name.len() > 256 || name.trim() != name {
        return Err("names nobody".into());
    }
    match kind {
        "domain" => {
            let label = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            if !name.contains('.') || !name.split('.').all(label) {
                return Err("has a domain that is not one, such as domain:acme.example".into());
            }
            Ok(Account::Domain(name.to_ascii_lowercase()))
        }
        "tenant" => Ok(Account::Tenant(name.to_owned())),
        "group" => Ok(Account::Group(name.to_owned())),
        _ => Err(shape.into()),
    }
}
