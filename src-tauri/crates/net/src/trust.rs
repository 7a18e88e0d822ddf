use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::NetError;
use crate::witness::{Seen, Witness};

/// Whom TLS trusts.
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    verifier: Arc<Verifier>,
    extra: Vec<CertificateDer<'static>>,
    /// TLS 1.2 or newer against the operating system's trust store and the company's extra roots (MUST 63, LI-57).
    pub(crate) tls: ClientConfig,
}

impl Trust {
    /// Reads the trust store and `ExtraCaFile`.
    pub(crate) fn new(extra_ca_pem: Option<&[u8]>) -> Result<Self, NetError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let extra = match extra_ca_pem {
            None => Vec::new(),
            Some(pem) => certificates(pem)?,
        };
        // Not every Windows makes a chain engine of no roots.
        let verifier = match extra.is_empty() {
            true => Verifier::new(provider.clone()),
            false => Verifier::new_with_extra_roots(extra.clone(), provider.clone()),
        };
        let verifier = verifier.map_err(|error| NetError::Settings(format!("the trust store cannot be read ({error})")))?;
        let verifier = Arc::new(verifier);
        let tls = config(&provider, Witness::new(verifier.clone()))?;
        Ok(Self { provider, verifier, extra, tls })
    }

    /// The same trust, with every handshake done in full and what was presented kept.
    pub(crate) fn seeing(&self) -> Result<(ClientConfig, Seen), NetError> {
        let (witness, seen) = Witness::seeing(self.verifier.clone());
        let mut config = config(&self.provider, witness)?;
        config.resumption = Resumption::disabled();
        Ok((config, seen))
    }

    /// A verifier that trusts `ExtraCaFile` alone; none without one.
    pub(crate) fn extra_alone(&self) -> Option<Arc<dyn ServerCertVerifier>> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.extra.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), self.provider.clone()).build().ok()?;
        Some(verifier)
    }
}

fn config(provider: &Arc<CryptoProvider>, witness: Witness) -> Result<ClientConfig, NetError> {
    let mut config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Settings(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(witness))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, NetError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(NetError::Settings("ExtraCaFile holds no certificate in PEM form".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_ca_file_is_a_fault_and_not_an_empty_store() {
        for pem in [&b""[..], b"nonsense", b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"] {
            assert!(matches!(Trust::new(Some(pem)), Err(NetError::Settings(_))));
        }
        assert!(Trust::new(None).is_ok());
    }
}
