//! The rooms wired together, without a display: policy becomes the configuration of each room, rebuilt on change.

mod audit;
mod auto_sign_in;
pub mod autostart;
mod debug;
pub mod diagnostics;
pub mod doctor;
mod face;
mod fault;
mod harden;
mod instance;
mod logging;
mod otlp;
mod paths;
mod refusal;
mod run;
pub mod signals;
mod stage;
mod status;
mod wiring;

pub use refusal::Refusal;
pub use run::{Options, Stop, run};
pub use session::{browser, display};
