use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::Secret;

/// The operating system gave no randomness; nothing that needs it may go on.
#[derive(Debug)]
pub struct RandomnessUnavailable;

impl std::fmt::Display for RandomnessUnavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the operating system gave no randomness")
    }
}

impl std::error::Error for RandomnessUnavailable {}

/// `N` random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], RandomnessUnavailable> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| RandomnessUnavailable)?;
    Ok(bytes)
}

/// 256 random bits as 43 characters of base64url: a state, a nonce, a PKCE verifier (RFC 7636 §4.1), a key.
pub fn random_text() -> Result<Secret, RandomnessUnavailable> {
    let bytes = Zeroizing::new(random_bytes::<32>()?);
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes.as_slice())))
}
