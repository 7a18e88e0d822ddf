use url::Url;
use zbus::proxy::{CacheProperties, MethodFlags};

const NAME: &str = "org.freedesktop.portal.Desktop";

/// Asks the portal that runs; none is started for this, and no connection is kept.
pub(super) async fn look_up(url: &Url) -> zbus::Result<Vec<String>> {
    let bus = zbus::Connection::session().await?;
    let portal = zbus::proxy::Builder::<zbus::Proxy<'_>>::new(&bus)
        .destination(NAME)?
        .path("/org/freedesktop/portal/desktop")?
        .interface("org.freedesktop.portal.ProxyResolver")?
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let answer = portal.call_with_flags("Lookup", MethodFlags::NoAutoStart.into(), &(url.as_str(),)).await?;
    Ok(answer.unwrap_or_default())
}
