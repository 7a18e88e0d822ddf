//! Which proxy leads to a host: policy says so, or the system is asked, for each origin and before the call.
//!
//! Nothing is read or asked before the first call that leaves the machine. Evaluating an automatic configuration may
//! take the system a download, so it happens off the runtime's threads, within [`LIMIT`], and is remembered for
//! [`LIFE`]. A system that does not answer in time is believed to say what it said last; without a last word the call
//! fails, and is tried again later: where a proxy is prescribed, going past it would be wrong.

mod bypass;
mod chooser;
mod environment;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(windows, test))]
mod list;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(any(windows, target_os = "macos"))]
mod waiting;
mod way;
#[cfg(windows)]
mod windows;

pub(crate) use chooser::Chooser;
pub use way::{ProxyAddress, Way};

use std::time::Duration;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// How long the system may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// How long an answer is believed. A person who changes the settings does not wait longer.
const LIFE: Duration = Duration::from_secs(60);

/// The ways to a host, in the order in which they are tried, and who named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// At least one; each is direct or a proxy that is spoken here.
    pub ways: Vec<Way>,
    /// Who says so.
    pub source: Source,
}

/// Who named the ways to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// This machine is never reached through a proxy.
    Loopback,
    /// Lanyard's policy.
    Policy,
    /// Variables of the environment.
    Environment,
    /// The settings of the desktop or the operating system, its automatic configuration included.
    System,
    /// The settings of the system name an automatic configuration that nothing on this computer evaluates.
    Unevaluated,
    /// Nobody names a proxy.
    Nobody,
}

/// Why there is no way to a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWay {
    /// The system did not answer in time.
    #[error("the system did not say in time which proxy to use")]
    Silent,
    /// Every way leads through something else than an HTTP proxy.
    #[error("the only proxy that is named is one that Lanyard does not speak ({0})")]
    Unspoken(String),
    /// The proxy wants to know who asks (407).
    #[error("the proxy asks for a user name and a password")]
    Unauthenticated,
    /// The system failed to say.
    #[error("the system does not say which proxy to use ({0})")]
    Failed(String),
}

/// More alternatives are never worth the wait.
const ALTERNATIVES: usize = 4;

impl Routing {
    /// The ways among `named` that can be gone.
    fn of(named: Vec<Way>, source: Source) -> Result<Self, NoWay> {
        let unspoken = named.iter().find_map(|way| match way {
            Way::Unspoken(what) => Some(what.clone()),
            _ => None,
        });
        let mut ways = Vec::new();
        for way in named.into_iter().filter(|way| !matches!(way, Way::Unspoken(_))) {
            if !ways.contains(&way) && ways.len() < ALTERNATIVES {
                ways.push(way);
            }
        }
        match (ways.is_empty(), unspoken) {
            (true, Some(what)) => Err(NoWay::Unspoken(what)),
            (true, None) => Ok(Self { ways: vec![Way::Direct], source: Source::Nobody }),
            (false, _) => Ok(Self { ways, source }),
        }
    }

    fn direct(source: Source) -> Self {
        Self { ways: vec![Way::Direct], source }
    }
}

impl Source {
    /// For a sentence that says where the answer is from.
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Loopback => "this computer itself is never reached through a proxy",
            Self::Policy => "as Lanyard's policy says",
            Self::Environment => "as the environment of Lanyard's process says",
            Self::System => "as the settings of the system say",
            Self::Unevaluated => {
                "the settings of the system name an automatic configuration, which nothing on this computer evaluates for others"
            }
            Self::Nobody => "nobody names a proxy for it",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_that_cannot_be_gone_are_left_out_and_doubt_is_no_direct_call() {
        let way = |text: &str| Way::read(text).unwrap();
        let of = |ways: &[&str]| Routing::of(ways.iter().map(|text| way(text)).collect(), Source::System);
        assert_eq!(of(&["socks://s:1", "http://a:1", "direct://"]).unwrap().ways, [way("http://a:1"), Way::Direct]);
        assert_eq!(of(&["http://a:1", "http://a:1"]).unwrap().ways.len(), 1);
        assert_eq!(of(&["socks://s:1"]), Err(NoWay::Unspoken("SOCKS".to_owned())));
        assert_eq!(of(&[]).unwrap(), Routing::direct(Source::Nobody));
        let many: Vec<String> = (1..20).map(|port| format!("http://a:{port}")).collect();
        assert_eq!(of(&many.iter().map(String::as_str).collect::<Vec<_>>()).unwrap().ways.len(), ALTERNATIVES);
    }
}
