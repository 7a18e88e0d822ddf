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
mod reply;
mod status;
pub mod user;

pub use audit::{AuditClient, AuditEvent};
pub use doctor::{DoctorOutcome, DoctorStep};
pub use fault::{Code, Problem};
pub use reply::{
    Diagnostics, DiagnosticsFile, LoopbackKey, Program, ServerEntry, SignIn, SignInRequest, SignOut, TokenReply, TokenRequest,
};
pub use status::{
    AccountStatus, AgentStatus, DoorStatus, PolicyFault, PolicyStatus, STATUS_SCHEMA, ServerStatus, SessionStatus, Status,
    UnknownName, VaultStatus,
};
pub use user::User;

/// The version of every document here that carries `schema`.
pub const SCHEMA: u32 = 1;
