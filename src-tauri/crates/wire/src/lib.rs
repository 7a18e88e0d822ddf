//! What both sides of a door share: requests, replies, faults with their sentences, where the socket is,
//! and a small blocking client.
//!
//! No type here has a field for a refresh token, an ID token or an assertion (LI-22).

mod audit;
#[cfg(test)]
mod bindings;
pub mod client;
mod doctor;
pub mod fault;
pub mod place;
mod policy;
pub mod refused;
mod reply;
mod setup;
mod status;
pub mod user;

pub use audit::{AuditClient, AuditEvent, AuditPage};
pub use doctor::{DoctorOutcome, DoctorStep};
pub use fault::{Code, Problem};
pub use policy::{PolicyReport, PolicyRow, SettingFault};
pub use reply::{
    BundleFile, Diagnostics, DiagnosticsFile, KeyRemoved, LoopbackKey, Program, Programs, Saved, ServerEntry, Servers, SignIn,
    SignInRequest, SignOut, TokenReply, TokenRequest,
};
pub use setup::{Clients, FoundClient, SetUp};
pub use status::{
    AccountStatus, AgentStatus, DoorStatus, PolicyFault, PolicyStatus, STATUS_SCHEMA, ServerStatus, SessionStatus, Status,
    UnknownName, VaultStatus,
};
pub use user::User;

/// The version of every document here that carries `schema`.
pub const SCHEMA: u32 = 1;
