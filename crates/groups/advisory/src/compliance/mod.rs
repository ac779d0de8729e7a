//! Compliance: whether what is to be done for a client may be done.

pub(crate) mod checks;
pub(crate) mod kyc;
pub(crate) mod sanctions;
