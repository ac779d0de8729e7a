use crate::PlatformError;
use kernel::{GroupInfo, Sources};
use runtime::{Settings, settings::AuthSettings};
use secrecy::SecretString;
use std::sync::Arc;
use trust::{
    HopSeal, Revocations, SecretFile, ServiceIdentity, ServiceKey, ServiceKeys, ServiceSecret, ServiceTokens,
    ServiceVerifier, Speakers, TokenIssuer, TokenKeys, TokenVerifier,
};

/// What a process proves itself and others with: users by access tokens, processes by service tokens, forwarded requests
/// by seals. All of it judges by the same view of what has been taken back.
pub(crate) struct Proofs {
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
        let secret = SecretFile::JWT.resolve(
            auth.jwt_secret.as_ref(),
            &settings.server.data_dir,
            settings.is_production(),
            &**sources.entropy(),
        )?;
        let revocations = Arc::new(Revocations::new());
        let keys = Arc::new(TokenKeys::new(&secret, &auth.jwt_previous_secrets)?);
        let verifier = TokenVerifier::new(
            keys.clone(),
            &auth.issuer,
            &auth.audience,
            sources.clock().clone(),
            revocations.clone(),
            auth.on_stale,
        );
        let shared = service_secret(settings, sources, &secret)?;
        let identity = ServiceIdentity::of_groups(groups.iter().map(|info| info.name));
        let speakers = Speakers::of_groups(crate::known_groups());
        let service_keys = Arc::new(service_keys(settings, sources, &shared, &identity)?);
        let services = ServiceVerifier::new(
            service_keys.clone(),
            speakers.clone(),
            sources.clock().clone(),
            revocations,
            auth.on_stale,
        );
        Ok(Self {
            issuer: TokenIssuer::new(keys, &auth.issuer, &auth.audience, sources.clone()),
            verifier: Arc::new(verifier),
            services: Arc::new(services),
            service_tokens: Arc::new(ServiceTokens::new(
                service_keys,
                identity,
                speakers,
                sources.clone(),
            )),
            hops: Arc::new(HopSeal::new(&shared, sources.clock().clone())?),
        })
    }
}

/// What the processes share: `SERVICE_SECRET`, else what signs access tokens, each with those before it.
fn service_secret(
    settings: &Settings,
    sources: &Sources,
    jwt_secret: &SecretString,
) -> Result<ServiceSecret, PlatformError> {
    let AuthSettings {
        service_secret,
        service_previous_secrets,
        jwt_previous_secrets,
        ..
    } = &settings.auth;
    if service_secret.is_none() {
        return Ok(ServiceSecret::new(jwt_secret, jwt_previous_secrets)?);
    }
    let secret = SecretFile::SERVICE.resolve(
        service_secret.as_ref(),
        &settings.server.data_dir,
        settings.is_production(),
        &**sources.entropy(),
    )?;
    Ok(ServiceSecret::new(&secret, service_previous_secrets)?)
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
