use std::fmt;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// Eight hex digits of a keyed hash. The key is made anew for each process, so that a
/// fingerprint in a log correlates lines and is of no use to anybody elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 4]);

static KEY: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let mut key = [0; 32];
    // Without randomness the fingerprint would be a plain hash: an all-zero key is still only a log mark.
    let _ = getrandom::fill(&mut key);
    key
});

impl Fingerprint {
    /// The fingerprint of `bytes` in this process.
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(*KEY).chain_update(bytes).finalize();
        Self([digest[0], digest[1], digest[2], digest[3]])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
