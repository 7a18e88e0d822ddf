//! Verification by the system, and who issued what was presented, for those who have to mend a refusal.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;

use crate::theirs;

/// The longest name of an issuer that is shown.
const NAME: usize = 120;

/// The longest certificate and chain that are looked at; real ones are far shorter.
const CERTIFICATE: usize = 32 * 1024;
const CHAIN: usize = 8;

/// The parts of a name that say most (X.520).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// What a server presented last: its certificate, then those that vouch for it.
pub(crate) type Seen = Arc<Mutex<Vec<CertificateDer<'static>>>>;

/// Asks another verifier, whose word stands, and adds to its refusals who issued the certificate.
#[derive(Debug)]
pub(crate) struct Witness {
    inner: Arc<dyn ServerCertVerifier>,
    seen: Option<Seen>,
}

/// A refusal, with the issuer of what was refused.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
struct Distrusted {
    issuer: Option<String>,
    why: CertificateError,
}

impl Witness {
    pub(crate) fn new(inner: Arc<dyn ServerCertVerifier>) -> Self {
        Self { inner, seen: None }
    }

    /// One that keeps what was presented last.
    pub(crate) fn seeing(inner: Arc<dyn ServerCertVerifier>) -> (Self, Seen) {
        let seen = Seen::default();
        (Self { inner, seen: Some(seen.clone()) }, seen)
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(seen) = &self.seen {
            let chain = std::iter::once(end_entity).chain(intermediates.iter().take(CHAIN)).map(|one| one.clone().into_owned());
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = chain.collect();
        }
        self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).map_err(|error| match error {
            Error::InvalidCertificate(why) => {
                let refusal = Distrusted { issuer: issuer(end_entity), why };
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(refusal))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// The issuer that a refusal of [`Witness`] carries.
pub(crate) fn issuer_of(error: &CertificateError) -> Option<String> {
    let CertificateError::Other(OtherError(other)) = error else { return None };
    other.downcast_ref::<Distrusted>()?.issuer.clone()
}

/// Who issued a certificate, as it says itself and fit to be shown.
pub fn issuer(certificate: &[u8]) -> Option<String> {
    if certificate.len() > CERTIFICATE {
        return None;
    }
    let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
    let issuer = &parsed.tbs_certificate.issuer;
    let part = |wanted: ObjectIdentifier| {
        let all = issuer.0.iter().flat_map(|names| names.0.iter());
        all.filter(|part| part.oid == wanted).map(ToString::to_string).next()
    };
    // Its own name first: the rest may be cut.
    let usual: Vec<String> = [COMMON_NAME, ORGANISATION].into_iter().filter_map(part).collect();
    let name = if usual.is_empty() { issuer.to_string() } else { usual.join(", ") };
    let name = theirs(&name, NAME);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    fn issued_by(organisation: &str, name: &str) -> Vec<u8> {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.distinguished_name.push(DnType::OrganizationName, organisation);
        root.distinguished_name.push(DnType::CommonName, name);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let leaf = CertificateParams::new(["idp.example".to_owned()]).unwrap();
        let own = KeyPair::generate().unwrap();
        leaf.signed_by(&own, &Issuer::new(root, KeyPair::generate().unwrap())).unwrap().der().to_vec()
    }

    #[test]
    fn the_issuer_of_a_certificate_is_read_and_fit_to_be_shown() {
        assert_eq!(issuer(&issued_by("Acme", "Acme Inspection CA")).as_deref(), Some("CN=Acme Inspection CA, O=Acme"));
        let hostile = issuer(&issued_by("Acme", &format!("a\u{202e}b\u{1b}[31m{}", " x".repeat(500)))).unwrap();
        assert!(hostile.chars().count() <= NAME && !hostile.contains(['\u{202e}', '\u{1b}']), "{hostile}");
        assert_eq!(issuer(b"nonsense"), None);
        assert_eq!(issuer(&vec![0x30; CERTIFICATE + 1]), None);
    }
}
