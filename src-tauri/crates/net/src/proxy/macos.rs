//! What macOS says: the settings of the network in use, evaluated by CFNetwork where they are automatic.
#![expect(unsafe_code, reason = "only CFNetwork evaluates the automatic configuration of macOS")]

use std::ffi::c_void;
use std::time::{Duration, Instant};

use core_foundation::array::{CFArray, CFArrayRef};
use core_foundation::base::{CFType, TCFType};
use core_foundation::dictionary::{CFDictionary, CFDictionaryRef};
use core_foundation::error::CFErrorRef;
use core_foundation::number::CFNumber;
use core_foundation::runloop::{CFRunLoop, CFRunLoopSource, CFRunLoopSourceRef};
use core_foundation::string::{CFString, CFStringRef};
use core_foundation::url::{CFURL, CFURLRef};
use url::Url;

use super::waiting::answered;
use super::{NoWay, Routing, Source, Way};

/// How long a script may take; less than the question as a whole.
const SCRIPT: Duration = Duration::from_secs(4);

type Entry = CFDictionary<CFString, CFType>;

/// The system remembers by itself what does not depend on the host.
#[derive(Default)]
pub(super) struct System;

#[repr(C)]
struct Context {
    version: isize,
    info: *mut c_void,
    retain: *const c_void,
    release: *const c_void,
    describe: *const c_void,
}

type Callback = unsafe extern "C" fn(*mut c_void, CFArrayRef, CFErrorRef);

#[link(name = "CFNetwork", kind = "framework")]
unsafe extern "C" {
    static kCFProxyTypeKey: CFStringRef;
    static kCFProxyHostNameKey: CFStringRef;
    static kCFProxyPortNumberKey: CFStringRef;
    static kCFProxyAutoConfigurationURLKey: CFStringRef;
    static kCFProxyTypeNone: CFStringRef;
    static kCFProxyTypeHTTP: CFStringRef;
    static kCFProxyTypeHTTPS: CFStringRef;
    static kCFProxyTypeSOCKS: CFStringRef;
    static kCFProxyTypeAutoConfigurationURL: CFStringRef;

    fn CFNetworkCopySystemProxySettings() -> CFDictionaryRef;
    fn CFNetworkCopyProxiesForURL(url: CFURLRef, settings: CFDictionaryRef) -> CFArrayRef;
    fn CFNetworkExecuteProxyAutoConfigurationURL(
        script: CFURLRef,
        target: CFURLRef,
        callback: Callback,
        context: *mut Context,
    ) -> CFRunLoopSourceRef;
}

#[link(name = "CoreFoundation", kind = "framework")]
unsafe extern "C" {
    fn CFURLCreateWithString(allocator: *const c_void, text: CFStringRef, base: CFURLRef) -> CFURLRef;
}

impl System {
    pub(super) async fn ask(&mut self, url: &Url) -> Result<Routing, NoWay> {
        answered(url, answer).await
    }
}

fn answer(url: &Url) -> Result<Routing, NoWay> {
    let target = address(url.as_str()).ok_or_else(|| NoWay::Failed("CFNetwork takes no such address".to_owned()))?;
    // SAFETY: it takes nothing; what it returns is ours.
    let settings = unsafe { CFNetworkCopySystemProxySettings() };
    if settings.is_null() {
        return Ok(Routing::direct(Source::Nobody));
    }
    // SAFETY: it is not null and ours, by the rule for functions that copy.
    let settings = unsafe { CFDictionary::<CFType, CFType>::wrap_under_create_rule(settings) };
    // SAFETY: both live through the call; what it returns is ours.
    let entries = unsafe { CFNetworkCopyProxiesForURL(target.as_concrete_TypeRef(), settings.as_concrete_TypeRef()) };
    if entries.is_null() {
        return Ok(Routing::direct(Source::Nobody));
    }
    // SAFETY: it is not null and ours; CFNetwork documents dictionaries with names as keys.
    let entries = unsafe { CFArray::<Entry>::wrap_under_create_rule(entries) };
    let mut ways = Vec::new();
    let mut unevaluated = false;
    for entry in entries.iter() {
        match scripted(&entry) {
            None => ways.extend(way(&entry)),
            Some(script) => match evaluated(&script, &target) {
                Some(found) => ways.extend(found),
                None => unevaluated = true,
            },
        }
    }
    let named = ways.iter().any(|way| *way != Way::Direct);
    match (named, unevaluated) {
        (true, _) => Routing::of(ways, Source::System),
        (false, true) => Ok(Routing::direct(Source::Unevaluated)),
        (false, false) => Ok(Routing::direct(Source::Nobody)),
    }
}

/// The address of the script, where an entry is one.
fn scripted(entry: &Entry) -> Option<CFURL> {
    // SAFETY: constants of CFNetwork.
    let (kind, key) = unsafe { (kCFProxyTypeAutoConfigurationURL, kCFProxyAutoConfigurationURLKey) };
    if !is(entry, kind) {
        return None;
    }
    value(entry, key)?.downcast::<CFURL>()
}

/// The way that an entry is.
fn way(entry: &Entry) -> Option<Way> {
    // SAFETY: constants of CFNetwork.
    let (none, http, https, socks, host, port) = unsafe {
        (kCFProxyTypeNone, kCFProxyTypeHTTP, kCFProxyTypeHTTPS, kCFProxyTypeSOCKS, kCFProxyHostNameKey, kCFProxyPortNumberKey)
    };
    if is(entry, none) {
        return Some(Way::Direct);
    }
    if is(entry, socks) {
        return Some(Way::Unspoken("SOCKS".to_owned()));
    }
    if !is(entry, http) && !is(entry, https) {
        return None;
    }
    let host = value(entry, host)?.downcast::<CFString>()?.to_string();
    let port = value(entry, port)?.downcast::<CFNumber>()?.to_i32()?;
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host };
    // The kind HTTPS is a proxy for https, spoken to in the clear like the other.
    Way::read(&format!("{host}:{port}")).ok()
}

fn is(entry: &Entry, kind: CFStringRef) -> bool {
    // SAFETY: a constant of CFNetwork.
    let key = unsafe { kCFProxyTypeKey };
    let found = value(entry, key).and_then(|value| value.downcast::<CFString>());
    // SAFETY: a constant of CFNetwork, which is never freed.
    found.is_some_and(|found| found == unsafe { CFString::wrap_under_get_rule(kind) })
}

fn value(entry: &Entry, key: CFStringRef) -> Option<CFType> {
    // SAFETY: a constant of CFNetwork, which is never freed.
    let key = unsafe { CFString::wrap_under_get_rule(key) };
    entry.find(&key).map(|found| found.clone())
}

fn address(text: &str) -> Option<CFURL> {
    let text = CFString::new(text);
    // SAFETY: the text lives through the call; no allocator and no base are documented as allowed.
    let url = unsafe { CFURLCreateWithString(std::ptr::null(), text.as_concrete_TypeRef(), std::ptr::null()) };
    // SAFETY: it is not null and ours, by the rule for functions that create.
    (!url.is_null()).then(|| unsafe { CFURL::wrap_under_create_rule(url) })
}

/// What a script found, once it has.
#[derive(Default)]
struct Found {
    done: bool,
    ways: Option<Vec<Way>>,
}

/// Runs the script on this thread's own loop, for as long as it may take.
fn evaluated(script: &CFURL, target: &CFURL) -> Option<Vec<Way>> {
    let mut found = Box::<Found>::default();
    let info: *mut Found = &raw mut *found;
    let none = std::ptr::null();
    let mut context = Context { version: 0, info: info.cast(), retain: none, release: none, describe: none };
    // SAFETY: the addresses and the context live through the call, which copies the context; what it points to outlives the
    // source, which is taken off the loop below. What it returns is ours.
    let source = unsafe {
        CFNetworkExecuteProxyAutoConfigurationURL(
            script.as_concrete_TypeRef(),
            target.as_concrete_TypeRef(),
            script_ended,
            &raw mut context,
        )
    };
    if source.is_null() {
        return None;
    }
    // SAFETY: it is not null and ours.
    let source = unsafe { CFRunLoopSource::wrap_under_create_rule(source) };
    let mode = CFString::from_static_string("dev.lanyard.proxy");
    let own = CFRunLoop::get_current();
    own.add_source(&source, mode.as_concrete_TypeRef());
    let until = Instant::now() + SCRIPT;
    // SAFETY: the callback writes on this thread only, while the loop runs and nothing here reads.
    while !unsafe { (*info).done } && Instant::now() < until {
        CFRunLoop::run_in_mode(mode.as_concrete_TypeRef(), until.saturating_duration_since(Instant::now()), true);
    }
    own.remove_source(&source, mode.as_concrete_TypeRef());
    // SAFETY: the source is invalidated so that the callback never runs again.
    unsafe { core_foundation::runloop::CFRunLoopSourceInvalidate(source.as_concrete_TypeRef()) };
    found.ways
}

unsafe extern "C" fn script_ended(info: *mut c_void, entries: CFArrayRef, error: CFErrorRef) {
    // SAFETY: it is the pointer that was passed, to something that lives and that nobody else uses now.
    let found = unsafe { &mut *info.cast::<Found>() };
    found.done = true;
    if !error.is_null() || entries.is_null() {
        return;
    }
    // SAFETY: it is not null, and the caller's; it is kept for the time of this call.
    let entries = unsafe { CFArray::<Entry>::wrap_under_get_rule(entries) };
    found.ways = Some(entries.iter().filter_map(|entry| way(&entry)).collect());
}
