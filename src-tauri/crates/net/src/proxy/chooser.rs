use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use url::{Host, Url};

use super::bypass::Bypass;
use super::way::NoAddress;
use super::{LIFE, LIMIT, NoWay, Routing, Source, Way, environment, platform};
use crate::Proxy;

/// Origins that are remembered; the oldest is forgotten first.
const ORIGINS: usize = 512;

/// Says which ways lead to an address.
pub(crate) struct Chooser {
    plan: Plan,
    here: Arc<Routing>,
    direct: Arc<Routing>,
    known: Mutex<HashMap<String, Known>>,
    // One question at a time: what was learnt for one origin often answers the next.
    system: tokio::sync::Mutex<platform::System>,
}

enum Plan {
    System,
    Direct,
    Fixed(Arc<Routing>, Bypass),
}

struct Known {
    routing: Arc<Routing>,
    since: Instant,
}

impl Chooser {
    /// Prepares the answers of policy; the system is asked later.
    pub(crate) fn new(proxy: &Proxy) -> Result<Self, NoAddress> {
        let plan = match proxy {
            Proxy::System => Plan::System,
            Proxy::Direct => Plan::Direct,
            Proxy::Fixed { url, bypass } => match Way::read(url) {
                Ok(way @ Way::Through(_)) => {
                    let routing = Routing { ways: vec![way], source: Source::Policy };
                    Plan::Fixed(Arc::new(routing), Bypass::of(bypass.iter().map(String::as_str), true))
                }
                _ => return Err(NoAddress),
            },
        };
        Ok(Self {
            plan,
            here: Arc::new(Routing::direct(Source::Loopback)),
            direct: Arc::new(Routing::direct(Source::Policy)),
            known: Mutex::default(),
            system: tokio::sync::Mutex::default(),
        })
    }

    /// The ways to `url`, in order. Loopback is never proxied, whoever says otherwise.
    pub(crate) async fn choose(&self, url: &Url) -> Result<Arc<Routing>, NoWay> {
        if is_this_machine(url) {
            return Ok(self.here.clone());
        }
        match &self.plan {
            Plan::Direct => Ok(self.direct.clone()),
            Plan::Fixed(_, bypass) if bypass.covers(url) => Ok(self.direct.clone()),
            Plan::Fixed(routing, _) => Ok(routing.clone()),
            Plan::System => self.system(url).await,
        }
    }

    async fn system(&self, url: &Url) -> Result<Arc<Routing>, NoWay> {
        let origin = url.origin().ascii_serialization();
        if let Some(routing) = self.fresh(&origin) {
            return Ok(routing);
        }
        let asked = tokio::time::timeout(LIMIT, async {
            let mut system = self.system.lock().await;
            match self.fresh(&origin) {
                Some(routing) => Ok(routing),
                None => ask(&mut system, url).await.map(Arc::new),
            }
        });
        let routing = match asked.await.unwrap_or(Err(NoWay::Silent)) {
            Ok(routing) => routing,
            Err(why) => {
                tracing::warn!(%why, "the proxy of the system is not known");
                self.last(&origin).ok_or(why)?
            }
        };
        self.keep(origin, routing.clone());
        Ok(routing)
    }

    /// What did not work is tried last for as long as the answer is believed.
    pub(crate) fn demote(&self, url: &Url, way: &Way) {
        let origin = url.origin().ascii_serialization();
        if let Some(known) = self.known().get_mut(&origin) {
            let mut routing = (*known.routing).clone();
            if let Some(at) = routing.ways.iter().position(|known| known == way) {
                let failed = routing.ways.remove(at);
                routing.ways.push(failed);
                known.routing = Arc::new(routing);
            }
        }
    }

    /// Another network: every answer may be another.
    pub(crate) fn forget(&self) {
        self.known().clear();
        // A question that is under way is not waited for; it is about the new network soon enough.
        if let Ok(mut system) = self.system.try_lock() {
            std::mem::take(&mut *system);
        }
    }

    fn fresh(&self, origin: &str) -> Option<Arc<Routing>> {
        self.known().get(origin).filter(|known| known.since.elapsed() < LIFE).map(|known| known.routing.clone())
    }

    fn last(&self, origin: &str) -> Option<Arc<Routing>> {
        self.known().get(origin).map(|known| known.routing.clone())
    }

    fn keep(&self, origin: String, routing: Arc<Routing>) {
        let mut known = self.known();
        if known.len() >= ORIGINS && !known.contains_key(&origin) {
            let oldest = known.iter().min_by_key(|(_, known)| known.since).map(|(origin, _)| origin.clone());
            oldest.and_then(|oldest| known.remove(&oldest));
        }
        known.insert(origin, Known { routing, since: Instant::now() });
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every spelling of this machine, also those that are no loopback address for policy: a proxy's own loopback is nobody's
/// business.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        None => false,
    }
}

/// The environment wins over the settings of the system.
async fn ask(system: &mut platform::System, url: &Url) -> Result<Routing, NoWay> {
    match environment::way(|name| std::env::var(name).ok(), url) {
        Some(way) => Routing::of(vec![way], Source::Environment),
        None => {
            // A path or a query may carry what is nobody's business.
            let mut origin = url.clone();
            origin.set_path("/");
            origin.set_query(None);
            origin.set_fragment(None);
            system.ask(&origin).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn fixed(bypass: &[&str]) -> Proxy {
        Proxy::Fixed { url: "http://proxy:3128".into(), bypass: bypass.iter().map(|entry| (*entry).to_owned()).collect() }
    }

    #[tokio::test]
    async fn loopback_is_never_proxied_in_any_mode() {
        for proxy in [Proxy::System, Proxy::Direct, fixed(&[])] {
            let chooser = Chooser::new(&proxy).unwrap();
            for at in ["127.0.0.1:8", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST:1", "a.localhost."] {
                let at = format!("https://{at}/");
                let routing = chooser.choose(&url(&at)).await.unwrap();
                assert_eq!(*routing, Routing::direct(Source::Loopback), "{at}");
            }
        }
    }

    #[tokio::test]
    async fn policy_decides_by_its_mode_and_bypass() {
        let direct = Chooser::new(&Proxy::Direct).unwrap();
        assert_eq!(direct.choose(&url("https://idp.example")).await.unwrap().ways, [Way::Direct]);
        let chooser = Chooser::new(&fixed(&["*.acme.example", "10.0.0.0/8"])).unwrap();
        for (at, through) in [
            ("https://idp.example", true),
            ("https://in.acme.example", false),
            ("https://10.1.2.3", false),
            ("https://localhost.evil.example", true),
        ] {
            assert_eq!(chooser.choose(&url(at)).await.unwrap().ways != [Way::Direct], through, "{at}");
        }
        let nonsense = Proxy::Fixed { url: "socks5://proxy:1".into(), bypass: Vec::new() };
        assert!(Chooser::new(&nonsense).is_err());
    }

    #[tokio::test]
    async fn what_is_known_is_bounded_and_a_way_that_failed_is_tried_last() {
        let chooser = Chooser::new(&Proxy::System).unwrap();
        let ways = vec![Way::read("http://a:1").unwrap(), Way::read("http://b:1").unwrap()];
        let routing = Arc::new(Routing::of(ways.clone(), Source::System).unwrap());
        for number in 0..ORIGINS + 5 {
            chooser.keep(format!("https://h{number}.example"), routing.clone());
        }
        assert_eq!(chooser.known().len(), ORIGINS);
        let last = url(&format!("https://h{}.example/path", ORIGINS + 4));
        chooser.demote(&last, &ways[0]);
        assert_eq!(chooser.choose(&last).await.unwrap().ways, [ways[1].clone(), ways[0].clone()]);
        assert_eq!(chooser.last("https://h5.example"), Some(routing));
        chooser.forget();
        assert!(chooser.known().is_empty());
    }

    #[tokio::test]
    async fn an_answer_that_does_not_come_in_time_leaves_the_last_word_and_else_the_call_fails() {
        let chooser = Chooser::new(&Proxy::System).unwrap();
        let at = url("https://idp.example/");
        let Some(old) = Instant::now().checked_sub(LIFE) else { return };
        // Somebody holds the question.
        let _held = chooser.system.lock().await;
        tokio::time::pause();
        assert_eq!(chooser.choose(&at).await, Err(NoWay::Silent));
        let routing = Arc::new(Routing::of(vec![Way::read("http://a:1").unwrap()], Source::System).unwrap());
        chooser.known().insert("https://idp.example".into(), Known { routing: routing.clone(), since: old });
        assert_eq!(chooser.choose(&at).await, Ok(routing));
    }
}
