//! The rooms wired together, without a display: policy becomes the configuration of each room, rebuilt on change.

mod audit;
mod auto_sign_in;
mod autostart;
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
mod run;
mod signals;
mod stage;
mod status;
mod wiring;

pub use run::{Options, run};
pub use session::browser;
