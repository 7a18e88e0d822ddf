use crate::classify::Who;
use crate::config::Server;
use crate::discovery::Target;
use crate::error::{ExchangeError, Kind};

const IDENTITY_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The scopes of leg 2: policy's, else the challenge's, else the metadata's, with those asked for, never beyond
/// the ceiling, and never the IdP's own (MUST 21). None leaves the parameter out.
pub(crate) fn wanted(server: &Server, target: &Target, asked: &[String]) -> Result<Option<Vec<String>>, ExchangeError> {
    let base = server.scopes.as_ref().or(target.challenged_scopes.as_ref()).or(target.resource_scopes.as_ref());
    let ceiling = server.ceiling().or(base.map(Vec::as_slice)).unwrap_or_default();
    if asked.iter().any(|scope| !ceiling.contains(scope)) {
        let hint = "The policy of this server does not allow every scope that was asked for.";
        return Err(ExchangeError::new(Kind::Scope, hint).by(Who::Policy));
    }
    let mut scopes: Vec<String> = Vec::new();
    for scope in base.into_iter().flatten().chain(asked) {
        if !IDENTITY_SCOPES.contains(&scope.as_str()) && !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
    Ok(Some(scopes).filter(|scopes| !scopes.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scopes: &[&str]) -> Vec<String> {
        scopes.iter().map(|scope| (*scope).to_owned()).collect()
    }

    fn found(scopes: Option<&[&str]>, max: Option<&[&str]>, challenged: Option<&[&str]>, asked: &[&str]) -> Option<String> {
        let server = Server { scopes: scopes.map(texts), max_scopes: max.map(texts), ..Server::default() };
        let target =
            Target { challenged_scopes: challenged.map(texts), resource_scopes: Some(texts(&["meta"])), ..Target::default() };
        wanted(&server, &target, &texts(asked)).ok().map(|scopes| scopes.map_or("none".into(), |scopes| scopes.join(" ")))
    }

    #[test]
    fn scopes_come_from_policy_then_challenge_then_metadata_and_stay_under_the_ceiling() {
        assert_eq!(found(Some(&["read"]), None, Some(&["all"]), &[]).as_deref(), Some("read"));
        assert_eq!(found(Some(&["read"]), Some(&["read", "write"]), None, &["write"]).as_deref(), Some("read write"));
        assert_eq!(found(Some(&["read"]), None, None, &["write"]), None);
        assert_eq!(found(None, None, Some(&["all", "openid"]), &[]).as_deref(), Some("all"));
        assert_eq!(found(None, None, None, &[]).as_deref(), Some("meta"));
        assert_eq!(found(None, None, None, &["meta"]).as_deref(), Some("meta"));
        assert_eq!(found(None, None, None, &["more"]), None, "no step-up where policy names no scopes");
        assert_eq!(found(Some(&[]), None, None, &[]).as_deref(), Some("none"));
    }
}
