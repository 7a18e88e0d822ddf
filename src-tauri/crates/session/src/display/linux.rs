use std::time::Duration;
use std::{env, io, thread};

use tokio::time::timeout;
use zbus::connection::Builder;
use zbus::fdo::PropertiesProxy;
use zbus::names::InterfaceName;

/// How long the service manager may take.
const LIMIT: Duration = Duration::from_secs(1);

/// What names a display.
const DISPLAYS: [&str; 2] = ["WAYLAND_DISPLAY", "DISPLAY"];

/// What else a desktop tells the programs on it: how to be let in, and which one it is (`xdg-open` asks).
const COMPANIONS: [&str; 5] = ["XAUTHORITY", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_DATA_DIRS", "KDE_SESSION_VERSION"];

pub(super) fn is_known() -> bool {
    is_told() || !variables().is_empty()
}

/// Whether this process was told of a display.
fn is_told() -> bool {
    DISPLAYS.into_iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

pub(super) fn variables() -> Vec<(String, String)> {
    if is_told() {
        return Vec::new();
    }
    match Builder::session().map_err(io::Error::other).and_then(environment) {
        Ok(environment) => picked(environment),
        Err(error) => {
            tracing::debug!(%error, "the service manager tells of no display");
            Vec::new()
        }
    }
}

/// The environment of the service manager on a bus. A bus that hangs leaves nothing behind that waits.
fn environment(bus: Builder<'static>) -> io::Result<Vec<String>> {
    // A thread of its own: whoever asks may be within a runtime.
    let asking = thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(async { timeout(LIMIT, asked(bus)).await?.map_err(io::Error::other) });
        runtime.shutdown_background();
        answer
    });
    asking.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

/// Where every desktop puts its display (systemd's `org.freedesktop.systemd1.Manager`).
async fn asked(bus: Builder<'static>) -> zbus::Result<Vec<String>> {
    let bus = bus.build().await?;
    let manager = PropertiesProxy::builder(&bus).destination("org.freedesktop.systemd1")?.path("/org/freedesktop/systemd1")?;
    let interface = InterfaceName::from_static_str_unchecked("org.freedesktop.systemd1.Manager");
    Ok(manager.build().await?.get(interface, "Environment").await?.try_into()?)
}

/// What leads to a display; nothing where none is named.
fn picked(environment: Vec<String>) -> Vec<(String, String)> {
    let pairs = environment.iter().filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty());
    let found: Vec<(String, String)> = pairs
        .filter(|(name, _)| DISPLAYS.contains(name) || COMPANIONS.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    match found.iter().any(|(name, _)| DISPLAYS.contains(&name.as_str())) {
        true => found,
        false => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_bus_that_says_nothing_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let listener = UnixListener::bind(&path).unwrap();
        let bus = Builder::address(format!("unix:path={}", path.display()).as_str()).unwrap();
        assert_eq!(environment(bus).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (mut asked, _) = listener.accept().unwrap();
        asked.set_read_timeout(Some(LIMIT)).unwrap();
        asked.read_to_end(&mut Vec::new()).expect("the connection is closed");
    }

    #[test]
    fn a_display_is_taken_with_what_belongs_to_it_and_nothing_else() {
        let picked = |pairs: &[&str]| {
            let found = picked(pairs.iter().map(|pair| (*pair).to_owned()).collect());
            found.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        let whole = ["DISPLAY=:0", "XAUTHORITY=/run/user/1/x", "XDG_CURRENT_DESKTOP=XFCE"];
        assert_eq!(picked(&[&whole[..], &["LD_PRELOAD=/x.so", "HTTPS_PROXY=http://evil", "PATH=/x", "odd"]].concat()), whole);
        assert_eq!(picked(&["WAYLAND_DISPLAY=wayland-0", "XDG_SESSION_TYPE=wayland"]).len(), 2);
        assert_eq!(picked(&["XDG_CURRENT_DESKTOP=XFCE", "DISPLAY="]), [""; 0]);
        assert_eq!(picked(&["DISPLAY=a=b"]), ["DISPLAY=a=b"]);
    }
}
