//! Whom we believe over TLS: the authorities that the system trusts, read when the first connection needs them. Most
//! processes speak plain HTTP to their neighbours, and reading a hundred certificates takes longer than all else at start.

use super::{ClientError, install_crypto};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, OnceLock};

/// A configuration of TLS for clients, by the provider of the process.
pub(super) fn config() -> Result<ClientConfig, ClientError> {
    install_crypto();
    let provider = CryptoProvider::get_default().ok_or_else(|| ClientError("no TLS provider".into()))?;
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError(error.into()))?
        // Not less strict: the system's own verifier, only later.
        .dangerous()
        .with_custom_certificate_verifier(System::of_process(provider))
        .with_no_client_auth();
    Ok(config)
}

/// The system's verifier, once it is needed.
#[derive(Debug)]
struct System {
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Verifier>,
}

impl System {
    /// The one of this process: all clients share what was read.
    fn of_process(provider: &Arc<CryptoProvider>) -> Arc<Self> {
        static SYSTEM: OnceLock<Arc<System>> = OnceLock::new();
        let new = || {
            Arc::new(Self {
                provider: provider.clone(),
                verifier: OnceLock::new(),
            })
        };
        SYSTEM.get_or_init(new).clone()
    }

    fn verifier(&self) -> Result<&Verifier, Error> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier);
        }
        let read = Verifier::new(self.provider.clone()).inspect_err(|error| {
            tracing::error!(%error, "no TLS connection can be made: check the system's certificates");
        })?;
        Ok(self.verifier.get_or_init(|| read))
    }
}

impl ServerCertVerifier for System {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// From now on takes any certificate: what is sent is encrypted, and who reads it is not known. Only for whom a user asked
/// to be talked to so.
pub(super) fn take_any(config: &mut ClientConfig) -> Result<(), ClientError> {
    let provider = CryptoProvider::get_default().ok_or_else(|| ClientError("no TLS provider".into()))?;
    let any = Arc::new(Any(provider.clone()));
    config.dangerous().set_certificate_verifier(any);
    Ok(())
}

/// Takes any certificate; signatures are checked all the same.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_nobody_trusts_is_refused() {
        install_crypto();
        let system = System::of_process(CryptoProvider::get_default().unwrap());
        assert!(
            system.verifier.get().is_none(),
            "nothing is read before it is needed"
        );
        let name = ServerName::try_from("localhost").unwrap();
        let own = CertificateDer::from(SELF_SIGNED.to_vec());
        let refused = system.verify_server_cert(&own, &[], &name, &[], UnixTime::now());
        assert!(refused.is_err());
    }

    const SELF_SIGNED: &[u8] = b"signed by nobody";
}
