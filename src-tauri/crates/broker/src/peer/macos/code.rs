use std::ffi::{c_int, c_uint};
use std::ptr;
use std::sync::OnceLock;

use core_foundation::base::{CFType, TCFType};
use core_foundation::data::CFData;
use core_foundation::dictionary::{CFDictionary, CFDictionaryRef};
use core_foundation::string::{CFString, CFStringRef};
use security_framework::os::macos::code_signing::{Flags, GuestAttributes, SecCode, SecRequirement};

use crate::peer::Code;
use crate::peer::audit_token::{AuditToken, requirement};

/// Asks for what the signature says of its signer (`kSecCSSigningInformation`).
const SIGNER: u32 = 1 << 1;

/// Asks for the audit token of a task (`TASK_AUDIT_TOKEN`), eight numbers long.
const TOKEN: c_uint = 15;
const TOKEN_COUNT: c_uint = 8;

#[link(name = "Security", kind = "framework")]
unsafe extern "C" {
    static kSecCodeInfoTeamIdentifier: CFStringRef;

    fn SecCodeCopySigningInformation(code: *const std::ffi::c_void, flags: u32, information: *mut CFDictionaryRef) -> i32;
}

unsafe extern "C" {
    static mach_task_self_: c_uint;

    fn task_name_for_pid(of: c_uint, process: c_int, name: *mut c_uint) -> c_int;
    fn task_info(task: c_uint, what: c_uint, to: *mut AuditToken, count: *mut c_uint) -> c_int;
    fn mach_port_deallocate(of: c_uint, port: c_uint) -> c_int;
}

/// The code of the process that an audit token names; judged once, when somebody asks.
pub(super) struct Signed {
    token: AuditToken,
    team: OnceLock<Option<String>>,
}

impl Signed {
    pub(super) fn of(token: AuditToken) -> Self {
        Self { token, team: OnceLock::new() }
    }
}

impl Code for Signed {
    fn team(&self) -> Option<&str> {
        self.team.get_or_init(|| team(&self.token)).as_deref()
    }
}

/// LI-12: by the audit token, never by the number alone; a signature that does not hold, or that no certificate of Apple's
/// stands behind, is nobody's.
fn team(token: &AuditToken) -> Option<String> {
    let bytes = CFData::from_buffer(&token.bytes());
    let mut attributes = GuestAttributes::new();
    attributes.set_audit_token(bytes.as_concrete_TypeRef());
    let code = SecCode::copy_guest_with_attribues(None, &attributes, Flags::NONE).ok()?;
    let team = claimed(&code)?;
    let requirement: SecRequirement = requirement(&team)?.parse().ok()?;
    code.check_validity(Flags::NONE, &requirement).ok()?;
    Some(team)
}

/// The team that the signature names: nothing is proved by it.
fn claimed(code: &SecCode) -> Option<String> {
    let mut information = ptr::null();
    // SAFETY: the code is alive for the whole call, which takes running code as well as code on disk and writes one pointer.
    let answer = unsafe { SecCodeCopySigningInformation(code.as_CFTypeRef(), SIGNER, &raw mut information) };
    if answer != 0 || information.is_null() {
        return None;
    }
    // SAFETY: what was copied for us is ours.
    let information: CFDictionary<CFString, CFType> = unsafe { CFDictionary::wrap_under_create_rule(information) };
    // SAFETY: the constant is the system's own.
    let name = unsafe { CFString::wrap_under_get_rule(kSecCodeInfoTeamIdentifier) };
    Some(information.find(&name)?.downcast::<CFString>()?.to_string())
}

/// The audit token of a process of this user. Whoever asks compares the process' start before and after.
pub(super) fn token_of(pid: u32) -> Option<AuditToken> {
    let (mut name, mut token, mut count) = (0, AuditToken([0; 8]), TOKEN_COUNT);
    // SAFETY: the calls take numbers, and write one number, at most `count` numbers into `token`, and nothing.
    let answer = unsafe {
        if task_name_for_pid(mach_task_self_, c_int::try_from(pid).ok()?, &raw mut name) != 0 {
            return None;
        }
        let answer = task_info(name, TOKEN, &raw mut token, &raw mut count);
        mach_port_deallocate(mach_task_self_, name);
        answer
    };
    (answer == 0 && count == TOKEN_COUNT && token.process() == Some(pid)).then_some(token)
}
