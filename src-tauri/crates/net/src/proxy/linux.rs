//! What the desktop says: first its portal, which evaluates automatic configurations, then the settings themselves.

mod gnome;
mod kde;
mod portal;

use std::time::{Duration, Instant};

use url::Url;

use super::bypass::Bypass;
use super::way::Way;
use super::{LIFE, NoWay, Routing, Source};

/// How long the portal and the reader of settings may take each; together they stay within the limit of a question.
const EACH: Duration = Duration::from_secs(2);

/// What was learnt of the desktop and does not depend on the host.
#[derive(Default)]
pub(super) struct System {
    settings: Option<(Settings, Instant)>,
    portal_silent: Option<Instant>,
}

/// The proxy settings of a desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Settings {
    /// No proxy.
    #[default]
    None,
    /// The way for https, except for some.
    Manual { https: Option<Way>, spared: Bypass, only_spared: bool },
    /// A script at an address, or found by looking for it.
    Automatic,
}

impl System {
    pub(super) async fn ask(&mut self, url: &Url) -> Result<Routing, NoWay> {
        if let Some(ways) = self.portal(url).await {
            return Routing::of(ways, Source::System);
        }
        self.settings().await.routing(url)
    }

    /// The portal's word; its "direct" is none, because without glib-networking it knows nothing else.
    async fn portal(&mut self, url: &Url) -> Option<Vec<Way>> {
        if self.portal_silent.is_some_and(|since| since.elapsed() < LIFE) {
            return None;
        }
        match tokio::time::timeout(EACH, portal::look_up(url)).await {
            Ok(Ok(named)) => {
                let ways: Vec<Way> = named.iter().filter_map(|named| Way::read(named).ok()).collect();
                ways.iter().any(|way| *way != Way::Direct).then_some(ways)
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "no portal says which proxy to use");
                self.portal_silent = Some(Instant::now());
                None
            }
            Err(_) => {
                tracing::info!("the desktop's portal does not answer");
                self.portal_silent = Some(Instant::now());
                None
            }
        }
    }

    async fn settings(&mut self) -> Settings {
        if let Some((settings, since)) = &self.settings
            && since.elapsed() < LIFE
        {
            return settings.clone();
        }
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let settings = match desktop.split(':').any(|name| name == "KDE") {
            true => kde::read(),
            false => tokio::time::timeout(EACH, gnome::read()).await.ok().flatten().unwrap_or_default(),
        };
        self.settings = Some((settings.clone(), Instant::now()));
        settings
    }
}

impl Settings {
    fn routing(&self, url: &Url) -> Result<Routing, NoWay> {
        match self {
            Self::None => Ok(Routing::direct(Source::Nobody)),
            Self::Automatic => Ok(Routing::direct(Source::Unevaluated)),
            Self::Manual { spared, only_spared, .. } if spared.covers(url) != *only_spared => Ok(Routing::direct(Source::System)),
            Self::Manual { https, .. } => Routing::of(https.iter().cloned().collect(), Source::System),
        }
    }
}
