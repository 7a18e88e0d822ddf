//! Opening the system browser: only an address that was judged before, never through a shell (LI-41).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;

use url::Url;

use crate::display;
#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(windows)]
use windows as platform;

/// Opens `url` in the person's browser (`BROWSER` honoured), where this process would show anything. Returns once the
/// opener has started.
///
/// # Errors
/// When no opener can be started, or the address is not one for a browser.
pub fn open(url: &str) -> io::Result<()> {
    with(url, &[])
}

/// As [`open`], on the person's desktop also where this process knows of none. Not for a command line: whoever types it over
/// the network is not at that desktop.
///
/// # Errors
/// As [`open`].
pub fn open_on_desktop(url: &str) -> io::Result<()> {
    with(url, &display::variables())
}

fn with(url: &str, desktop: &[(String, String)]) -> io::Result<()> {
    let parsed = Url::parse(url).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let web = parsed.scheme() == "https" || (parsed.scheme() == "http" && net::is_loopback_host(url));
    if !web || url.starts_with('-') || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    platform::open(url, desktop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_reach_an_opener() {
        for hostile in [
            "file:///etc/passwd",
            "smb://host/x",
            "javascript:alert(1)",
            "-flag",
            "http://idp.example/",
            "https://a/\n--x",
            "https://a/ b",
            "",
        ] {
            assert_eq!(open(hostile).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{hostile:?}");
        }
    }
}
