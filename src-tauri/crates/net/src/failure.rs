//! What the errors of the HTTP client mean.

use crate::resolver::OnlyPrivate;
use crate::witness::issuer_of;
use crate::{AddressRefused, NetError, NoWay};

/// The HTTP client keeps the type of this error to itself.
const UNAUTHENTICATED: &str = "proxy authorization required";

pub(crate) fn cut(error: reqwest::Error, host: &str) -> NetError {
    NetError::Cut { host: host.to_owned(), source: Box::new(error.without_url()) }
}

pub(crate) fn failure(error: reqwest::Error, host: &str) -> NetError {
    let host = host.to_owned();
    if error.is_timeout() {
        return NetError::TimedOut { host };
    }
    let error = error.without_url();
    if caused_by::<OnlyPrivate>(&error) {
        return NetError::Address(AddressRefused::Private(host));
    }
    if let Some(issuer) = distrusted(&error) {
        return NetError::Untrusted { host, issuer, source: Box::new(error) };
    }
    if causes(&error).any(|cause| cause.to_string().ends_with(UNAUTHENTICATED)) {
        return NetError::NoWay { host, source: NoWay::Unauthenticated };
    }
    NetError::Unreachable { host, source: Box::new(error) }
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    // io::Error hides what it wraps from `source()`.
    std::iter::successors(Some(error), |error| match error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
        Some(inner) => Some(inner as &(dyn std::error::Error + 'static)),
        None => error.source(),
    })
}

fn caused_by<E: std::error::Error + 'static>(error: &(dyn std::error::Error + 'static)) -> bool {
    causes(error).any(|cause| cause.is::<E>())
}

/// Who issued the certificate that was refused, where one was.
fn distrusted(error: &(dyn std::error::Error + 'static)) -> Option<Option<String>> {
    causes(error).find_map(|cause| match cause.downcast_ref::<rustls::Error>() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(issuer_of(why)),
        _ => None,
    })
}
