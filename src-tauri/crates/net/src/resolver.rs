use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// Resolves names through the operating system and drops every private address, so that a public
/// name that points into the intranet (DNS rebinding, a hostile metadata document) leads nowhere.
pub(crate) struct PublicOnly;

#[derive(Debug, thiserror::Error)]
#[error("{0} resolves to private addresses only")]
pub(crate) struct OnlyPrivate(String);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(OnlyPrivate(name).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
