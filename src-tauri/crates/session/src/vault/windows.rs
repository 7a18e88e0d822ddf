use std::collections::HashMap;

use keyring_core::Entry;
use keyring_core::api::CredentialStoreApi;
use windows_native_keyring_store::Store;

use super::{Keychain, KeychainFault, VaultKey, entry, machine};

/// Windows' Credential Manager. What is in it can be read while the person is logged on; it is never locked by itself.
#[derive(Debug, Default)]
pub struct SystemKeychain;

impl SystemKeychain {
    fn entry(&self) -> Result<Entry, KeychainFault> {
        let store = Store::new().map_err(entry::fault)?;
        // LI-45: never roams to another machine.
        let local = HashMap::from([("persistence", "Local")]);
        store.build(entry::SERVICE, entry::NAME, Some(&local)).map_err(entry::fault)
    }
}

impl Keychain for SystemKeychain {
    fn load(&self, _by_person: bool) -> Result<Option<VaultKey>, KeychainFault> {
        entry::load(&self.entry()?)
    }

    fn store(&self, key: &VaultKey) -> Result<(), KeychainFault> {
        self.entry()?.set_secret(key.expose()).map_err(entry::fault)
    }

    fn delete(&self) -> Result<(), KeychainFault> {
        entry::delete(&self.entry()?)
    }
}

/// An id of this machine that does not leave it: Windows' `MachineGuid`, hashed.
pub fn machine_id() -> String {
    machine::hashed(guid().unwrap_or_default())
}

#[expect(unsafe_code, reason = "the registry's own library belongs to the policy room")]
fn guid() -> Option<String> {
    use windows_sys::Win32::Foundation::ERROR_SUCCESS;
    use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RRF_SUBKEY_WOW6464KEY, RegGetValueW};
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, name) = (wide("SOFTWARE\\Microsoft\\Cryptography"), wide("MachineGuid"));
    let mut text = [0_u16; 64];
    let mut size = size_of_val(&text) as u32;
    // SAFETY: both names end with a zero, and the system writes at most `size` bytes.
    let answer = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_REG_SZ | RRF_SUBKEY_WOW6464KEY,
            std::ptr::null_mut(),
            text.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    (answer == ERROR_SUCCESS).then(|| String::from_utf16_lossy(text.split(|unit| *unit == 0).next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use secret::Secret;

    use super::*;
    use crate::Account;
    use crate::vault::{Binding, Fallback, Opened, Record, Vault, VaultFault};

    /// The Credential Manager has one entry of this name, and tests run at once.
    static ENTRY_IS_MINE: Mutex<()> = Mutex::new(());

    #[test]
    fn a_long_refresh_token_outlives_the_agent_under_a_key_in_the_credential_manager() {
        let _mine = ENTRY_IS_MINE.lock().unwrap_or_else(PoisonError::into_inner);
        SystemKeychain.delete().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let binding =
            || Binding { issuer: "https://i".into(), client_id: "c".into(), user: "S-1-5".into(), machine: machine_id() };
        let vault = || Vault::new(folder.path().into(), Box::new(SystemKeychain), Fallback::MemoryOnly, binding());
        // Longer than the 2,560 bytes that an entry may hold.
        let long = "r".repeat(64 * 1024);
        let account = Account { subject: "s".into(), name: None, email: None };
        let record = Record { refresh_token: Secret::from(long.as_str()), account, since: jiff::Timestamp::UNIX_EPOCH };
        vault().seal(record).unwrap();
        let sealed = std::fs::read(folder.path().join("vault")).unwrap();
        assert!(!sealed.windows(16).any(|part| part == b"rrrrrrrrrrrrrrrr"));
        let Ok(Opened::Session(record)) = vault().open(false) else { panic!("no session") };
        assert_eq!(record.refresh_token.expose(), long);
        SystemKeychain.delete().unwrap();
        assert!(matches!(vault().open(false), Err(VaultFault::Damaged { .. })), "without the key it opens for nobody");
    }

    #[test]
    fn a_key_survives_the_credential_manager() {
        let _mine = ENTRY_IS_MINE.lock().unwrap_or_else(PoisonError::into_inner);
        let keychain = SystemKeychain;
        keychain.delete().unwrap();
        assert!(keychain.load(false).unwrap().is_none());
        let key = VaultKey::random().unwrap();
        keychain.store(&key).unwrap();
        assert_eq!(keychain.load(false).unwrap().unwrap().expose(), key.expose());
        keychain.delete().unwrap();
        assert!(keychain.load(false).unwrap().is_none());
    }
}
