//! What a successful answer of the IdP's token endpoint carries.

use net::Reply;
use secret::Secret;
use serde::Deserialize;

use crate::{Fault, FaultKind};

/// The tokens of a sign-in or a refresh. The IdP's access token serves one purpose here: `at_hash`.
#[derive(Deserialize)]
pub(crate) struct Grant {
    pub(crate) id_token: Option<Secret>,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) access_token: Option<Secret>,
}

impl Grant {
    pub(crate) fn read(reply: &Reply) -> Result<Self, Fault> {
        serde_json::from_slice(&reply.body)
            .map_err(|_| Fault::with(FaultKind::Unbelievable, "the token answer is not the expected JSON"))
    }
}
