use crate::AuthFailure;
use argon2::{
    Argon2, Block, PasswordVerifier,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The bytes of a hash.
const OUTPUT: usize = 32;

/// Argon2 over memory that is used again: taking 19 MiB from the system for each hash and giving them back costs milliseconds
/// within the kernel, where nobody who answers requests can have the processor.
#[derive(Clone)]
pub(crate) struct Argon {
    argon: Argon2<'static>,
    spare: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Argon {
    pub(crate) fn new(argon: Argon2<'static>) -> Self {
        Self {
            argon,
            spare: Arc::default(),
        }
    }

    /// The hash of a password, at today's cost.
    pub(crate) fn hash(&self, password: &[u8], salt: &[u8]) -> Result<PasswordHash, AuthFailure> {
        let mut memory = self.take();
        let mut output = [0_u8; OUTPUT];
        let hashed = self
            .argon
            .hash_password_into_with_memory(password, salt, &mut output, &mut memory);
        self.spare().push(memory);
        hashed.map_err(failed)?;
        Ok(PasswordHash {
            algorithm: argon2::ARGON2ID_IDENT,
            version: Some(argon2::Version::V0x13.into()),
            params: ParamsString::try_from(self.argon.params()).map_err(failed)?,
            salt: Some(Salt::new(salt).map_err(failed)?),
            hash: Some(Output::new(&output).map_err(failed)?),
        })
    }

    /// Whether a password has this hash, which may have been made at another cost.
    pub(crate) fn verify(&self, password: &[u8], hash: &PasswordHash) -> Result<bool, AuthFailure> {
        let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else {
            return Ok(false);
        };
        if expected.len() != OUTPUT || !self.is_ours(hash) {
            return Ok(self.argon.verify_password(password, hash).is_ok());
        }
        // Compared in constant time, as all outputs are.
        Ok(self.hash(password, salt)?.hash.as_ref() == Some(expected))
    }

    /// Lets go of the memory: nobody waits for a hash any more.
    pub(crate) fn rest(&self) {
        self.spare().clear();
    }

    fn is_ours(&self, hash: &PasswordHash) -> bool {
        hash.algorithm == argon2::ARGON2ID_IDENT
            && hash.version == Some(argon2::Version::V0x13.into())
            && ParamsString::try_from(self.argon.params()).is_ok_and(|ours| ours == hash.params)
    }

    fn take(&self) -> Vec<Block> {
        let spare = self.spare().pop();
        spare.unwrap_or_else(|| vec![Block::default(); self.argon.params().block_count()])
    }

    fn spare(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error: impl fmt::Display) -> AuthFailure {
    AuthFailure::internal(format!("hashing: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{Algorithm, Params, PasswordHasher, Version};

    fn argon(passes: u32) -> Argon2<'static> {
        let params = Params::new(64, passes, 1, None).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    #[test]
    fn memory_that_was_used_before_gives_what_the_library_gives() {
        let (ours, library) = (Argon::new(argon(2)), argon(2));
        for password in ["correct horse", "another", "", "correct horse"] {
            let hash = ours.hash(password.as_bytes(), &[7; 16]).unwrap();
            let theirs: PasswordHash = library
                .hash_password_with_salt(password.as_bytes(), &[7; 16])
                .unwrap();
            assert_eq!(hash.to_string(), theirs.to_string());
            assert!(ours.verify(password.as_bytes(), &theirs).unwrap());
            assert!(!ours.verify(b"correct mouse", &theirs).unwrap());
        }
        assert_eq!(ours.spare().len(), 1);
        ours.rest();
        assert!(ours.spare().is_empty());
        assert!(ours.hash(b"correct horse", &[7; 16]).is_ok());
    }

    #[test]
    fn hashes_of_another_cost_are_verified_as_well() {
        let old: PasswordHash = argon(1)
            .hash_password_with_salt(b"correct horse", &[7; 16])
            .unwrap();
        let ours = Argon::new(argon(2));
        assert!(ours.verify(b"correct horse", &old).unwrap());
        assert!(!ours.verify(b"correct mouse", &old).unwrap());
    }
}
