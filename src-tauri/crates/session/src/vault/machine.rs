use sha2::{Digest, Sha256};

/// An id of this machine that does not leave it: what the system calls the machine, hashed with this purpose.
pub(super) fn hashed(id: impl AsRef<[u8]>) -> String {
    let digest = Sha256::new().chain_update("lanyard vault\0").chain_update(id).finalize();
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
