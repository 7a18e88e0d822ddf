//! Which route a path is. A path that is no route at this door does not exist there (LI-36).

use http::Method;

use crate::admission::Door;

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'p> {
    /// `/v1/status`
    Status,
    /// `/v1/events`
    Events,
    /// `/v1/servers`
    Servers,
    /// `/v1/servers/{id}/token`
    Token(&'p str),
    /// `/v1/servers/{id}/retry`
    Retry(&'p str),
    /// `/mcp/{id}`
    Gateway(&'p str),
    /// `/v1/session/sign-in`
    SignIn,
    /// `/v1/session/sign-out`
    SignOut,
    /// `/v1/policy`
    Policy,
    /// `/v1/policy/reload`
    Reload,
    /// `/v1/audit`
    Audit,
    /// `/v1/doctor` and `/v1/doctor/{id}`
    Doctor(Option<&'p str>),
    /// `/v1/diagnostics`
    Diagnostics,
    /// `/v1/programs`
    Programs,
    /// `/v1/pause`
    Pause,
    /// `/v1/resume`
    Resume,
}

/// Why a path is no route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// There is no such path.
    Path,
    /// It is of another version of the interface (LI-18).
    Version,
}

/// The route of `path` at `door`.
pub fn find(path: &str, door: Door) -> Result<Route<'_>, Miss> {
    let path = path.strip_prefix('/').ok_or(Miss::Path)?;
    let (version, rest) = path.split_once('/').unwrap_or((path, ""));
    if version == "mcp" {
        return if is_id(rest) { Ok(Route::Gateway(rest)) } else { Err(Miss::Path) };
    }
    let number = version.strip_prefix('v').filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    match number {
        Some("1") => {}
        Some(_) => return Err(Miss::Version),
        None => return Err(Miss::Path),
    }
    let mut segments = rest.split('/');
    let segments = (segments.next(), segments.next(), segments.next(), segments.next());
    let route = match segments {
        (Some("servers"), None, ..) => Route::Servers,
        (Some("servers"), Some(id), Some("token"), None) if is_id(id) => Route::Token(id),
        _ if door == Door::Loopback => return Err(Miss::Path),
        (Some("servers"), Some(id), Some("retry"), None) if is_id(id) => Route::Retry(id),
        (Some("status"), None, ..) => Route::Status,
        (Some("events"), None, ..) => Route::Events,
        (Some("session"), Some("sign-in"), None, _) => Route::SignIn,
        (Some("session"), Some("sign-out"), None, _) => Route::SignOut,
        (Some("policy"), None, ..) => Route::Policy,
        (Some("policy"), Some("reload"), None, _) => Route::Reload,
        (Some("audit"), None, ..) => Route::Audit,
        (Some("doctor"), None, ..) => Route::Doctor(None),
        (Some("doctor"), Some(id), None, _) if is_id(id) => Route::Doctor(Some(id)),
        (Some("diagnostics"), None, ..) => Route::Diagnostics,
        (Some("programs"), None, ..) => Route::Programs,
        (Some("pause"), None, ..) => Route::Pause,
        (Some("resume"), None, ..) => Route::Resume,
        _ => return Err(Miss::Path),
    };
    Ok(route)
}

impl<'p> Route<'p> {
    /// The methods of the route; every other one is 405.
    pub fn methods(&self) -> &'static [Method] {
        match self {
            Self::Status | Self::Events | Self::Servers | Self::Policy | Self::Audit | Self::Doctor(_) => &[Method::GET],
            Self::Programs | Self::Gateway(_) => &[Method::GET, Method::POST, Method::DELETE],
            Self::Token(_)
            | Self::Retry(_)
            | Self::SignIn
            | Self::SignOut
            | Self::Reload
            | Self::Diagnostics
            | Self::Pause
            | Self::Resume => &[Method::POST],
        }
    }

    /// Whether it gives the use of servers, and so decides by server rather than as a verb.
    pub fn serves(&self) -> bool {
        matches!(self, Self::Servers | Self::Token(_) | Self::Gateway(_))
    }

    /// The server that it names.
    pub fn server(&self) -> Option<&'p str> {
        match self {
            Self::Token(id) | Self::Gateway(id) | Self::Retry(id) | Self::Doctor(Some(id)) => Some(id),
            _ => None,
        }
    }
}

/// A server's id as policy may write it: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`. Nothing is decoded.
fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    id.len() <= 64 && id.bytes().all(plain) && id.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_routes_exactly() {
        use Miss::{Path, Version};
        let long = format!("/v1/servers/{}/token", "a".repeat(65));
        let table = [
            ("/v1/status", Ok(Route::Status), Err(Path)),
            ("/v1/events", Ok(Route::Events), Err(Path)),
            ("/v1/servers", Ok(Route::Servers), Ok(Route::Servers)),
            ("/v1/servers/a.b-c_1/token", Ok(Route::Token("a.b-c_1")), Ok(Route::Token("a.b-c_1"))),
            ("/v1/servers/wiki/retry", Ok(Route::Retry("wiki")), Err(Path)),
            ("/v1/doctor", Ok(Route::Doctor(None)), Err(Path)),
            ("/v1/doctor/wiki", Ok(Route::Doctor(Some("wiki"))), Err(Path)),
            ("/v1/programs", Ok(Route::Programs), Err(Path)),
            ("/v1/policy/reload", Ok(Route::Reload), Err(Path)),
            ("/mcp/a.b-c_1", Ok(Route::Gateway("a.b-c_1")), Ok(Route::Gateway("a.b-c_1"))),
            ("/mcp/", Err(Path), Err(Path)),
            ("/mcp", Err(Path), Err(Path)),
            ("/mcp/wiki/", Err(Path), Err(Path)),
            ("/mcp/wiki/sse", Err(Path), Err(Path)),
            ("/mcp/a%62", Err(Path), Err(Path)),
            ("/MCP/wiki", Err(Path), Err(Path)),
            ("/v1/mcp/wiki", Err(Path), Err(Path)),
            ("/.well-known/oauth-protected-resource/mcp/wiki", Err(Path), Err(Path)),
            ("/v2/status", Err(Version), Err(Version)),
            ("/v2", Err(Version), Err(Version)),
            ("/v01/servers", Err(Version), Err(Version)),
            ("/v/servers", Err(Path), Err(Path)),
            ("/v1x/servers", Err(Path), Err(Path)),
            ("/v1", Err(Path), Err(Path)),
            ("/v1/", Err(Path), Err(Path)),
            ("/v1/servers/", Err(Path), Err(Path)),
            ("/v1/status/", Err(Path), Err(Path)),
            ("//v1/status", Err(Path), Err(Path)),
            ("/V1/status", Err(Path), Err(Path)),
            ("/v1/servers//token", Err(Path), Err(Path)),
            ("/v1/servers/../token", Err(Path), Err(Path)),
            ("/v1/servers/a%62/token", Err(Path), Err(Path)),
            ("/v1/servers/wiki/token/x", Err(Path), Err(Path)),
            ("/v1/session/sign-in/x", Err(Path), Err(Path)),
            (&long, Err(Path), Err(Path)),
            ("/", Err(Path), Err(Path)),
            ("*", Err(Path), Err(Path)),
            ("", Err(Path), Err(Path)),
            ("/.well-known/oauth-protected-resource", Err(Path), Err(Path)),
        ];
        for (path, socket, loopback) in table {
            assert_eq!(find(path, Door::Socket), socket, "{path}");
            assert_eq!(find(path, Door::Loopback), loopback, "{path}");
        }
    }
}
