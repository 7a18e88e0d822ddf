//! Which way leads to the identity provider, and who vouches for what answers there.

use std::time::Instant;

use net::{Look, NetError, Presented, Reach, Source, Way};
use wire::{DoctorOutcome, DoctorStep};

use super::{Patient, failed, step};
use crate::fault;

const TITLE: &str = "Look at the way to the identity provider";

/// Who mends an untrusted certificate.
const MENDS_TRUST: &str = "whoever runs the network: where a proxy inspects TLS, its authority belongs into the trust store of \
    the operating system or into ExtraCaFile; else whoever runs the identity provider";

/// Names in the certificates of products that inspect TLS, lower case.
const INSPECTORS: &[&str] = &[
    "barracuda",
    "blue coat",
    "cato networks",
    "check point",
    "cisco umbrella",
    "cloudflare gateway",
    "contentkeeper",
    "forcepoint",
    "fortigate",
    "fortinet",
    "iboss",
    "lightspeed",
    "mcafee web gateway",
    "mitmproxy",
    "netskope",
    "palo alto",
    "skyhigh",
    "smoothwall",
    "sonicwall",
    "sophos",
    "squid",
    "symantec web",
    "watchguard",
    "zscaler",
];

pub(super) async fn examine(patient: &Patient) -> DoctorStep {
    let began = Instant::now();
    let Ok(config) = &patient.config else {
        return DoctorStep { outcome: DoctorOutcome::Skipped, ..step("network", TITLE, began) };
    };
    let host = net::host_of(&config.issuer).unwrap_or_default();
    let looked = patient.client.look(&config.issuer, &Reach::of([config.issuer.as_str()])).await;
    let mut step = step("network", TITLE, began);
    let Look { routing, way, presented } = match looked {
        Ok(look) => look,
        Err(error) => return stopped(patient, step, &error),
    };
    step.found = words(&host, &way, routing.source);
    match presented {
        Ok(None) => step,
        Ok(Some(presented)) => {
            let (more, inspected) = vouched(&host, &presented, matches!(way, Way::Through(_)));
            step.found = format!("{} {more}", step.found);
            if inspected {
                step.outcome = DoctorOutcome::Warning;
            }
            step
        }
        Err(error @ NetError::Untrusted { .. }) => {
            let found = format!("{} {}", step.found, distrusted(&host, &error));
            DoctorStep { found, ..stopped(patient, step, &error) }
        }
        Err(error @ (NetError::Settings(_) | NetError::NoWay { .. })) => {
            let led = step.found.clone();
            let stopped = stopped(patient, step, &error);
            DoctorStep { found: format!("{led} {}", stopped.found), ..stopped }
        }
        // The next step is about that.
        Err(error) => {
            step.outcome = DoctorOutcome::Warning;
            step.found = format!("{} It does not answer there: {error}.", step.found);
            step
        }
    }
}

fn stopped(patient: &Patient, step: DoctorStep, error: &NetError) -> DoctorStep {
    let who = match error {
        NetError::Untrusted { .. } => MENDS_TRUST,
        NetError::NoWay { .. } => "whoever runs the network, or set ProxyMode in the Lanyard policy",
        _ => "whoever writes the Lanyard policy",
    };
    let trouble = session::Fault::from(error);
    let contact = patient.policy.appearance.support_contact.as_deref();
    let found = trouble.detail.clone().map(|detail| format!("{detail}.")).unwrap_or_default();
    failed(DoctorStep { found, ..step }, fault::of_fault(&trouble, contact), who)
}

fn words(host: &str, way: &Way, source: Source) -> String {
    let source = source.phrase();
    match way {
        Way::Through(proxy) => format!("{host} is reached through the proxy {proxy}, {source}."),
        _ => format!("{host} is reached directly: {source}."),
    }
}

/// Who vouches for a certificate, and whether that looks like inspection.
fn vouched(host: &str, presented: &Presented, proxied: bool) -> (String, bool) {
    let issuer = presented.issuer.as_deref().unwrap_or("somebody without a readable name");
    let lower = issuer.to_lowercase();
    let known = INSPECTORS.iter().any(|name| lower.contains(name));
    let by = if presented.by_extra_ca { "because of ExtraCaFile" } else { "because of the operating system's trust store" };
    let words = format!("Its certificate was issued by “{issuer}”, and is trusted {by}.");
    match (known, proxied && presented.by_extra_ca) {
        (true, _) => (format!("{words} That is a product which inspects TLS: it reads every token for {host}."), true),
        (false, true) => (
            format!("{words} Unless that is the authority of {host} itself, the proxy inspects TLS and reads every token."),
            true,
        ),
        (false, false) => (words, false),
    }
}

fn distrusted(host: &str, error: &NetError) -> String {
    match error {
        NetError::Untrusted { issuer: Some(issuer), .. } => {
            format!("The certificate of {host} was issued by “{issuer}”, whom this computer does not trust.")
        }
        _ => format!("The certificate of {host} is not trusted by this computer."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inspection_is_said_where_a_name_or_a_proxy_with_an_authority_of_its_own_tells_it() {
        let table = [
            ("CN=R11, O=Let's Encrypt", false, true, None),
            ("CN=R11, O=Let's Encrypt", false, false, None),
            ("CN=Acme Root", true, false, None),
            ("CN=Acme Root", true, true, Some("the proxy inspects TLS")),
            ("CN=Zscaler Intermediate Root CA, O=Zscaler Inc.", false, false, Some("inspects TLS")),
            ("CN=FortiGate CA", false, true, Some("inspects TLS")),
        ];
        for (issuer, by_extra_ca, proxied, expected) in table {
            let presented = Presented { issuer: Some(issuer.to_owned()), by_extra_ca };
            let (words, inspected) = vouched("idp.example", &presented, proxied);
            assert!(words.contains(issuer), "{words}");
            assert_eq!(inspected, expected.is_some(), "{words}");
            assert!(words.contains(expected.unwrap_or_default()), "{words}");
            assert_eq!(words.contains("ExtraCaFile"), by_extra_ca, "{words}");
        }
        assert!(vouched("idp.example", &Presented { issuer: None, by_extra_ca: false }, false).0.contains("readable name"));
    }
}
