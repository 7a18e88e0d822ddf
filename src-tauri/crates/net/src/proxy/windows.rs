//! What Windows says: the person's settings, evaluated by WinHTTP where they are automatic, then the machine's.
#![expect(unsafe_code, reason = "only WinHTTP evaluates the automatic configuration of Windows")]

use std::ffi::c_void;
use std::ptr;

use url::Url;
use windows_sys::Win32::Foundation::{GetLastError, GlobalFree};
use windows_sys::Win32::Networking::WinHttp::{
    ERROR_WINHTTP_LOGIN_FAILURE, WINHTTP_ACCESS_TYPE_NAMED_PROXY, WINHTTP_ACCESS_TYPE_NO_PROXY, WINHTTP_AUTO_DETECT_TYPE_DHCP,
    WINHTTP_AUTO_DETECT_TYPE_DNS_A, WINHTTP_AUTOPROXY_AUTO_DETECT, WINHTTP_AUTOPROXY_CONFIG_URL, WINHTTP_AUTOPROXY_OPTIONS,
    WINHTTP_CURRENT_USER_IE_PROXY_CONFIG, WINHTTP_PROXY_INFO, WinHttpCloseHandle, WinHttpGetDefaultProxyConfiguration,
    WinHttpGetIEProxyConfigForCurrentUser, WinHttpGetProxyForUrl, WinHttpOpen,
};

use super::waiting::answered;
use super::{NoWay, Routing, Source, list};

/// More UTF-16 units than any list has.
const UNITS: usize = 64 * 1024;

/// WinHTTP remembers by itself what does not depend on the host.
#[derive(Default)]
pub(super) struct System;

impl System {
    pub(super) async fn ask(&mut self, url: &Url) -> Result<Routing, NoWay> {
        answered(url, answer).await
    }
}

/// The person's settings.
#[derive(Default)]
struct Settings {
    detect: bool,
    script: String,
    proxies: String,
    spared: String,
}

fn answer(url: &Url) -> Result<Routing, NoWay> {
    let settings = settings();
    if settings.detect || !settings.script.is_empty() {
        match evaluated(url, &settings) {
            Ok((proxies, spared)) => {
                let ways = list::ways(&proxies, &spared, url);
                return if ways.is_empty() { Ok(Routing::direct(Source::System)) } else { Routing::of(ways, Source::System) };
            }
            // Detection that finds nothing is the rule at home; then Windows too takes what else is set.
            Err(code) => tracing::debug!(code, "the automatic configuration was not evaluated"),
        }
    }
    let own = list::ways(&settings.proxies, &settings.spared, url);
    if !own.is_empty() {
        return Routing::of(own, Source::System);
    }
    let (proxies, spared) = machine();
    let ways = list::ways(&proxies, &spared, url);
    match (ways.is_empty(), settings.script.is_empty()) {
        (false, _) => Routing::of(ways, Source::System),
        (true, true) => Ok(Routing::direct(Source::Nobody)),
        (true, false) => Ok(Routing::direct(Source::Unevaluated)),
    }
}

fn settings() -> Settings {
    let mut config = WINHTTP_CURRENT_USER_IE_PROXY_CONFIG::default();
    // SAFETY: the structure is writable and lives through the call.
    if unsafe { WinHttpGetIEProxyConfigForCurrentUser(&raw mut config) } == 0 {
        return Settings::default();
    }
    Settings {
        detect: config.fAutoDetect != 0,
        script: taken(config.lpszAutoConfigUrl),
        proxies: taken(config.lpszProxy),
        spared: taken(config.lpszProxyBypass),
    }
}

/// What an administrator set for the machine (`netsh winhttp`).
fn machine() -> (String, String) {
    let mut info = WINHTTP_PROXY_INFO::default();
    // SAFETY: the structure is writable and lives through the call.
    match unsafe { WinHttpGetDefaultProxyConfiguration(&raw mut info) } {
        0 => Default::default(),
        _ => lists(info),
    }
}

/// The lists that the automatic configuration gives for `url`; empty ones mean directly.
fn evaluated(url: &Url, settings: &Settings) -> Result<(String, String), u32> {
    let session = Session::open()?;
    let (script, url) = (wide(&settings.script), wide(url.as_str()));
    let mut options = WINHTTP_AUTOPROXY_OPTIONS::default();
    if settings.detect {
        options.dwFlags |= WINHTTP_AUTOPROXY_AUTO_DETECT;
        options.dwAutoDetectFlags = WINHTTP_AUTO_DETECT_TYPE_DHCP | WINHTTP_AUTO_DETECT_TYPE_DNS_A;
    }
    if !settings.script.is_empty() {
        options.dwFlags |= WINHTTP_AUTOPROXY_CONFIG_URL;
        options.lpszAutoConfigUrl = script.as_ptr();
    }
    // Without logging on first: WinHTTP keeps scripts only then.
    for log_on in [0, 1] {
        options.fAutoLogonIfChallenged = log_on;
        let mut info = WINHTTP_PROXY_INFO::default();
        // SAFETY: the texts end in a zero and outlive the call, as do both structures; the handle is open.
        if unsafe { WinHttpGetProxyForUrl(session.0, url.as_ptr(), &raw mut options, &raw mut info) } != 0 {
            return Ok(lists(info));
        }
        // SAFETY: it reads a value of this thread.
        let code = unsafe { GetLastError() };
        if code != ERROR_WINHTTP_LOGIN_FAILURE || log_on == 1 {
            return Err(code);
        }
    }
    Err(ERROR_WINHTTP_LOGIN_FAILURE)
}

/// Takes both lists; without a named proxy the first is empty.
fn lists(info: WINHTTP_PROXY_INFO) -> (String, String) {
    let (proxies, spared) = (taken(info.lpszProxy), taken(info.lpszProxyBypass));
    match info.dwAccessType {
        WINHTTP_ACCESS_TYPE_NAMED_PROXY => (proxies, spared),
        _ => Default::default(),
    }
}

struct Session(*mut c_void);

impl Session {
    fn open() -> Result<Self, u32> {
        // SAFETY: no text is passed; the handle is closed when this is dropped.
        let handle = unsafe { WinHttpOpen(ptr::null(), WINHTTP_ACCESS_TYPE_NO_PROXY, ptr::null(), ptr::null(), 0) };
        // SAFETY: it reads a value of this thread.
        if handle.is_null() { Err(unsafe { GetLastError() }) } else { Ok(Self(handle)) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nobody uses it any more.
        unsafe { WinHttpCloseHandle(self.0) };
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The text behind a pointer of WinHTTP, which is given back.
fn taken(text: *mut u16) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: WinHTTP ends its texts with a zero, up to which each unit may be read.
    let length = (0..UNITS).take_while(|at| unsafe { *text.add(*at) } != 0).count();
    // SAFETY: so many units were just read; they are copied before they are given back.
    let copied = String::from_utf16_lossy(unsafe { std::slice::from_raw_parts(text, length) });
    // SAFETY: WinHTTP allocated it for the caller to free, and nothing points to it any more.
    unsafe { GlobalFree(text.cast()) };
    copied
}
