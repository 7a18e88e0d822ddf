use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::NetError;

/// TLS 1.2 or newer against the operating system's trust store and the company's extra roots (MUST 63, LI-57).
pub(crate) fn tls(extra_ca_pem: Option<&[u8]>) -> Result<ClientConfig, NetError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = match extra_ca_pem {
        None => Vec::new(),
        Some(pem) => certificates(pem)?,
    };
    // Not every Windows makes a chain engine of no roots.
    let verifier = match roots.is_empty() {
        true => Verifier::new(provider.clone()),
        false => Verifier::new_with_extra_roots(roots, provider.clone()),
    };
    let verifier = verifier.map_err(|error| NetError::Settings(format!("the trust store cannot be read ({error})")))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NetError::Settings(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
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
            assert!(matches!(tls(Some(pem)), Err(NetError::Settings(_))));
        }
        assert!(tls(None).is_ok());
    }
}
