//! The company's own certificate authority, for worlds that speak TLS.

use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// A fresh authority with one certificate for the loopback names.
pub struct Authority {
    /// The root certificate, for `ExtraCaFile`, PEM.
    pub pem: String,
    /// The certificate for the loopback names, PEM.
    pub certificate: String,
    /// Its private key, PKCS#8 PEM.
    pub key: String,
    pub(crate) acceptor: TlsAcceptor,
}

impl Authority {
    /// Makes the keys and signs the certificates.
    ///
    /// # Errors
    /// When a key or a certificate cannot be made.
    pub fn new() -> io::Result<Self> {
        Self::named("Lanyard sandbox root")
    }

    /// The same with another name of the root.
    ///
    /// # Errors
    /// When a key or a certificate cannot be made.
    pub fn named(name: &str) -> io::Result<Self> {
        let failed = |error: rcgen::Error| io::Error::other(error);
        let key = KeyPair::generate().map_err(failed)?;
        let mut root = CertificateParams::new(Vec::new()).map_err(failed)?;
        root.distinguished_name.push(DnType::CommonName, name);
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = root.self_signed(&key).map_err(failed)?.pem();
        let issuer = Issuer::new(root, key);

        let names = ["127.0.0.1", "localhost", "::1", crate::world::HOST].map(str::to_owned).to_vec();
        let mut leaf = CertificateParams::new(names).map_err(failed)?;
        leaf.distinguished_name.push(DnType::CommonName, "Lanyard sandbox");
        leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        let leaf_key = KeyPair::generate().map_err(failed)?;
        let certificate = leaf.signed_by(&leaf_key, &issuer).map_err(failed)?;

        let secret = PrivateKeyDer::try_from(leaf_key.serialize_der()).map_err(io::Error::other)?;
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let (certificate, key) = (certificate.pem(), leaf_key.serialize_pem());
        Ok(Self { pem, certificate, key, acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}
