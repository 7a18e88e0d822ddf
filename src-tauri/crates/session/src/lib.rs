//! Room 2: one employee, one sign-in, kept alive.
//!
//! [`Session::start`] runs the driver; everything else asks its handle. The refresh token never leaves
//! this room except into requests to the IdP; what others get is a [`Subject`] for one exchange.

mod account;
mod attempt;
pub mod authorization;
pub mod browser;
mod config;
mod debug;
mod desk;
mod discovery;
pub mod display;
mod driver;
mod fault;
mod grant;
pub mod id_token;
mod idp;
pub mod redirect;
mod refresh;
mod renewal;
mod session;
mod sign_in;
mod sign_out;
mod snapshot;
pub mod state;
pub mod surroundings;
pub mod vault;

pub use account::{Account, AccountRule, admitted};
pub use config::{AssertionAudience, Config, Idp, Proof};
pub use discovery::{Metadata, probe, well_known};
pub use fault::{Fault, FaultKind};
pub use redirect::target as redirect_target;
pub use session::{Held, MakeKeychain, Report, Session, SessionError, Setup, SignInError, Subject, SubjectKind};
pub use snapshot::{Snapshot, VaultState, VaultStatus};

#[cfg(debug_assertions)]
pub use session::Imported;

#[cfg(test)]
mod tests;
