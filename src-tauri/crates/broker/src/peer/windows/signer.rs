use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Security::Cryptography::{CERT_CONTEXT, CERT_NAME_SIMPLE_DISPLAY_TYPE, CertGetNameStringW};
use windows_sys::Win32::Security::WinTrust::{
    WINTRUST_ACTION_GENERIC_VERIFY_V2, WINTRUST_DATA, WINTRUST_DATA_0, WINTRUST_FILE_INFO, WTD_CACHE_ONLY_URL_RETRIEVAL,
    WTD_CHOICE_FILE, WTD_REVOKE_NONE, WTD_STATEACTION_CLOSE, WTD_STATEACTION_VERIFY, WTD_UI_NONE, WTHelperGetProvCertFromChain,
    WTHelperGetProvSignerFromChain, WTHelperProvDataFromStateData, WinVerifyTrust,
};

use crate::peer::Code;

/// Longer names are no publisher.
const LONGEST: usize = 512;

/// The file of a running program; judged once, when somebody asks. Windows lets nobody write to it while it runs.
pub(super) struct Signed {
    file: PathBuf,
    publisher: OnceLock<Option<String>>,
}

impl Signed {
    pub(super) fn of(file: PathBuf) -> Self {
        Self { file, publisher: OnceLock::new() }
    }
}

impl Code for Signed {
    fn publisher(&self) -> Option<&str> {
        self.publisher.get_or_init(|| publisher(&self.file)).as_deref()
    }
}

/// The subject of the certificate that signed the file (Authenticode), when this machine trusts it. Nothing is fetched: a
/// check that waits for a network would hold up every first call.
fn publisher(file: &Path) -> Option<String> {
    let name: Vec<u16> = file.as_os_str().encode_wide().chain([0]).collect();
    let mut file = WINTRUST_FILE_INFO {
        cbStruct: size_of::<WINTRUST_FILE_INFO>() as u32,
        pcwszFilePath: name.as_ptr(),
        ..WINTRUST_FILE_INFO::default()
    };
    let mut data = WINTRUST_DATA {
        cbStruct: size_of::<WINTRUST_DATA>() as u32,
        dwUIChoice: WTD_UI_NONE,
        fdwRevocationChecks: WTD_REVOKE_NONE,
        dwUnionChoice: WTD_CHOICE_FILE,
        Anonymous: WINTRUST_DATA_0 { pFile: &raw mut file },
        dwStateAction: WTD_STATEACTION_VERIFY,
        dwProvFlags: WTD_CACHE_ONLY_URL_RETRIEVAL,
        ..WINTRUST_DATA::default()
    };
    let mut action = WINTRUST_ACTION_GENERIC_VERIFY_V2;
    let mut verify = |data: &mut WINTRUST_DATA| {
        // SAFETY: the data, the file it points to and the file's name are alive for the whole call.
        unsafe { WinVerifyTrust(INVALID_HANDLE_VALUE, &raw mut action, ptr::from_mut(data).cast()) }
    };
    let trusted = verify(&mut data) == 0;
    let subject = if trusted { subject(&data) } else { None };
    data.dwStateAction = WTD_STATEACTION_CLOSE;
    verify(&mut data);
    subject
}

/// What the signer's certificate calls its subject.
fn subject(data: &WINTRUST_DATA) -> Option<String> {
    // SAFETY: the state is that of a verification that was not closed yet; each pointer is looked at before it is used, and
    // all of them live as long as the state.
    let certificate: *const CERT_CONTEXT = unsafe {
        let state = WTHelperProvDataFromStateData(data.hWVTStateData);
        let signer = if state.is_null() { ptr::null_mut() } else { WTHelperGetProvSignerFromChain(state, 0, 0, 0) };
        let leaf = if signer.is_null() { ptr::null_mut() } else { WTHelperGetProvCertFromChain(signer, 0) };
        if leaf.is_null() { ptr::null() } else { (*leaf).pCert }
    };
    if certificate.is_null() {
        return None;
    }
    let mut text = [0_u16; LONGEST];
    // SAFETY: the certificate lives as long as the state, and the system writes at most the length that it is given.
    let length = unsafe {
        let length = text.len() as u32;
        CertGetNameStringW(certificate, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, ptr::null(), text.as_mut_ptr(), length)
    };
    // The length counts the closing zero; a name that was cut is no name.
    let length = usize::try_from(length).ok()?.checked_sub(1)?;
    let whole = length > 0 && length < LONGEST - 1;
    whole.then(|| String::from_utf16(&text[..length]).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_nobody_signed_has_no_publisher() {
        let own = std::env::current_exe().unwrap();
        assert_eq!(Signed::of(own).publisher(), None);
        assert_eq!(Signed::of(r"C:\absent.exe".into()).publisher(), None);
    }
}
