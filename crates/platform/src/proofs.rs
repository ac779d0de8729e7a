use crate::{
    PlatformError,
    shared_secrets::{DerivedKeys, Shared},
};
use kernel::{GroupInfo, Sources};
use runtime::{Settings, settings::TokenAlgorithm};
use std::sync::Arc;
use trust::{
    HopSeal, Revocations, ServiceIdentity, ServiceKey, ServiceKeys, ServiceSecret, ServiceTokens,
    ServiceVerifier, Speakers, TokenIssuer, TokenKeys, TokenVerifier,
};

/// What a process proves itself and others with: users by access tokens, processes by service tokens, forwarded requests
/// by seals. All of it judges by the same view of what has been taken back.
pub(crate) struct Proofs {
    pub(crate) derived_keys: Arc<DerivedKeys>,
    pub(crate) token_keys: Arc<TokenKeys>,
    pub(crate) issuer: TokenIssuer,
    pub(crate) verifier: Arc<TokenVerifier>,
    pub(crate) services: Arc<ServiceVerifier>,
    pub(crate) service_tokens: Arc<ServiceTokens>,
    pub(crate) hops: Arc<HopSeal>,
}

impl Proofs {
    /// The proofs of a process that runs these groups.
    pub(crate) fn of(
        settings: &Settings,
        sources: &Sources,
        groups: &[&'static GroupInfo],
    ) -> Result<Self, PlatformError> {
        let auth = &settings.auth;
        let shared = Shared::read(settings, sources)?;
        let revocations = Arc::new(Revocations::new());
        let keys = Arc::new(match auth.algorithm {
            TokenAlgorithm::Hs256 => TokenKeys::new(&shared.jwt, &shared.others)?,
            TokenAlgorithm::Eddsa => TokenKeys::ed25519(),
        });
        let verifier = TokenVerifier::new(
            keys.clone(),
            &auth.issuer,
            &auth.audience,
            sources.clock().clone(),
            revocations.clone(),
            auth.on_stale,
        );
        let identity = ServiceIdentity::of_groups(groups.iter().map(|info| info.name));
        let speakers = Speakers::of_groups(crate::known_groups());
        let service_keys = Arc::new(service_keys(settings, sources, &shared.service, &identity)?);
        let services = ServiceVerifier::new(
            service_keys.clone(),
            speakers.clone(),
            sources.clock().clone(),
            revocations,
            auth.on_stale,
        );
        let hops = Arc::new(HopSeal::new(&shared.service, sources.clock().clone())?);
        let derived = DerivedKeys::new(keys.clone(), service_keys.clone(), hops.clone(), shared);
        Ok(Self {
            derived_keys: Arc::new(derived),
            token_keys: keys.clone(),
            issuer: TokenIssuer::new(keys, &auth.issuer, &auth.audience, sources.clone()),
            verifier: Arc::new(verifier),
            services: Arc::new(services),
            service_tokens: Arc::new(ServiceTokens::new(
                service_keys,
                identity,
                speakers,
                sources.clone(),
            )),
            hops,
        })
    }
}

fn service_keys(
    settings: &Settings,
    sources: &Sources,
    shared: &ServiceSecret,
    identity: &ServiceIdentity,
) -> Result<ServiceKeys, PlatformError> {
    let Some(file) = &settings.auth.service_key_file else {
        return Ok(ServiceKeys::shared(shared)?);
    };
    let key = ServiceKey::resolve(file, settings.is_production(), &**sources.entropy())?;
    tracing::info!(
        names = identity.names().join(", "),
        public_key = %key.public(),
        "this process has a key of its own: tell the others under auth.service_peers"
    );
    let peers = settings.auth.service_peers.iter();
    let peers = peers.flat_map(|(name, keys)| keys.0.iter().map(|key| (name.as_str(), *key)));
    Ok(ServiceKeys::own(&key, identity, peers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Principal, TenantId};
    use runtime::{Environment, settings::PeerKeys};
    use secrecy::ExposeSecret;
    use std::path::Path;
    use trust::ServiceRefusal;

    fn settings(dir: &Path) -> Settings {
        let mut settings = Settings::default();
        settings.server.data_dir = dir.to_owned();
        settings
    }

    fn group(name: &str) -> &'static GroupInfo {
        let known = crate::known_groups();
        known.into_iter().find(|info| info.name == name).unwrap()
    }

    fn proofs(settings: &Settings, name: &str) -> Proofs {
        Proofs::of(settings, &Sources::system(), &[group(name)]).unwrap()
    }

    fn token(proofs: &Proofs, group: &str) -> String {
        let principal = Principal::System {
            group: "platform".to_owned(),
            tenant: TenantId::DEFAULT,
        };
        let token = proofs.service_tokens.token(group, &principal).unwrap();
        token.expose_secret().to_owned()
    }

    #[test]
    fn processes_on_one_data_directory_know_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        let (finance, auth) = (proofs(&settings, "finance"), proofs(&settings, "auth"));
        let caller = auth.services.verify(&token(&finance, "auth"), "auth").unwrap();
        assert_eq!(caller.issuer, "finance");

        let mut apart = settings.clone();
        apart.auth.service_secret = Some("another secret of thirty-two bytes!".into());
        let apart = proofs(&apart, "finance");
        assert_eq!(
            auth.services.verify(&token(&apart, "auth"), "auth"),
            Err(ServiceRefusal::Invalid)
        );
    }

    #[test]
    fn processes_with_keys_of_their_own_know_those_they_were_told_of() {
        let dir = tempfile::tempdir().unwrap();
        let with_key = |name: &str| {
            let mut settings = settings(dir.path());
            settings.auth.service_key_file = Some(dir.path().join(format!("{name}.key")));
            settings
        };
        let finance = proofs(&with_key("finance"), "finance");
        let mut settings = with_key("auth");
        let stranger = proofs(&settings, "auth");
        let refusal = stranger.services.verify(&token(&finance, "auth"), "auth");
        assert_eq!(refusal, Err(ServiceRefusal::Invalid));

        let path = dir.path().join("finance.key");
        let key = ServiceKey::resolve(&path, true, &kernel::SystemEntropy).unwrap();
        let peers = [("finance".to_owned(), PeerKeys(vec![key.public()]))];
        settings.auth.service_peers = peers.into();
        let auth = proofs(&settings, "auth");
        assert!(auth.services.verify(&token(&finance, "auth"), "auth").is_ok());
    }

    #[test]
    fn production_refuses_a_weak_service_secret() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = settings(dir.path());
        settings.security.environment = Environment::Production;
        settings.auth.jwt_secret = Some("0123456789abcdef0123456789abcdef".into());
        assert!(Proofs::of(&settings, &Sources::system(), &[]).is_ok());
        settings.auth.service_secret = Some("short".into());
        let error = Proofs::of(&settings, &Sources::system(), &[]).err().unwrap();
        assert!(error.to_string().contains("SERVICE_SECRET"), "{error}");
    }
}
