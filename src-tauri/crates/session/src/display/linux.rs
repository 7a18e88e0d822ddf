use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use zbus::blocking::connection::Builder;
use zbus::blocking::fdo::PropertiesProxy;
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
    let (sender, answered) = mpsc::channel();
    // A thread of its own, because a bus that hangs must not hold the caller.
    thread::spawn(move || drop(sender.send(asked())));
    match answered.recv_timeout(LIMIT) {
        Ok(Ok(environment)) => picked(environment),
        Ok(Err(error)) => {
            tracing::debug!(%error, "the service manager tells of no display");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// The environment of the person's service manager, where every desktop puts its display (systemd's
/// `org.freedesktop.systemd1.Manager`).
fn asked() -> zbus::Result<Vec<String>> {
    let bus = Builder::session()?.method_timeout(LIMIT).build()?;
    let manager = PropertiesProxy::builder(&bus).destination("org.freedesktop.systemd1")?.path("/org/freedesktop/systemd1")?;
    let interface = InterfaceName::from_static_str_unchecked("org.freedesktop.systemd1.Manager");
    Ok(manager.build()?.get(interface, "Environment")?.try_into()?)
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
    use super::*;

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
