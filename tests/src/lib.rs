//! The sandbox: a self-contained stand-in for an enterprise.
//!
//! ```no_run
//! # async fn example() {
//! let world = sandbox::World::start(sandbox::Options::default()).await;
//! let policy = world.policy_json();
//! world.faults().set(sandbox::Leg::IdpRefresh, sandbox::Fault::Status(503), sandbox::Times::Once);
//! world.idp.disable("ada");
//! assert_eq!(world.idp.count("token_exchange"), 0);
//! # }
//! ```
//!
//! It knows nothing of Lanyard: every rule here is written from the specifications and from what products were seen to
//! do, so that it can disagree with the program it tests.

mod audit;
mod authority;
mod bridge;
pub mod browser;
mod client;
mod clock;
pub mod desk;
pub mod desktop;
mod door;
mod faults;
mod form;
mod held;
mod idp;
mod keys;
mod listen;
mod logind;
mod mcp;
mod model;
mod notifications;
mod page;
pub mod peer;
mod portal;
mod processes;
mod profile;
pub mod program;
mod proxy;
mod refusal;
mod resource;
mod saver;
mod screen;
mod systemd;
mod tray;
#[cfg(test)]
mod trials;
mod window;
mod world;

pub use audit::{Event, Log};
pub use authority::Authority;
pub use bridge::Bridge;
pub use browser::Browser;
pub use clock::Clock;
pub use desk::{Desk, Login};
pub use desktop::Desktop;
pub use door::{AtDoor, Came};
pub use faults::{Fault, Faults, Leg, Times, Waiting};
pub use idp::{Account, Idp, PASSWORD, SECRET, STRONG};
pub use logind::Logind;
pub use mcp::Server;
pub use model::Model;
pub use notifications::{Notification, Notifications};
pub use portal::Portal;
pub use processes::{Process, living_at};
pub use profile::{AssertionAudience, Denial, NAMES as PROFILES, Profile, ScopeRule, Subjects, Wording};
pub use program::Said;
pub use proxy::Proxy;
pub use resource::Resource;
pub use saver::Saver;
pub use screen::{Colour, Screen};
pub use systemd::Systemd;
pub use tray::{Line, Tray};
pub use window::{Stuck, Window, opener, pictures};
pub use world::{HOST, LINEAR_SECRET, Options, ServerInfo, World};
