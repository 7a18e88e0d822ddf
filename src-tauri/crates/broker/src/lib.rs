//! Room 4: who is asking, may they, here it is.
//!
//! Two doors, one router. The local socket knows its caller by the kernel's word; the loopback door by a key and
//! the owner of the connection's other end. Every request is admitted on its own (LI-19): user, program, server,
//! in that order, and every doubt is "no" (LI-27).
//!
//! The room owns the two traits that it needs: [`ServerTokens`] for what is left of it, [`Agent`] for what stands
//! behind the verbs. Nothing here opens a browser or a window (LI-31).

pub mod admission;
mod agent;
pub mod api;
pub mod audit;
mod broker;
mod gateway;
mod listener;
pub mod pairing;
mod pattern;
pub mod peer;
mod strict;
mod tokens;
mod upstream;
mod used;

pub use agent::{Agent, Rules, ServerRule};
pub use audit::Audit;
pub use broker::{Broker, Config, Doors};
pub use exchange::{Hold, Refusal};
pub use gateway::{Bounds, Containment, ToolPattern};
pub use listener::{Limits, StartError};
pub use pattern::{Pattern, PatternError};
pub use tokens::{Ask, Doing, Minted, Served, ServerTokens};
pub use upstream::{problem, session_problem};
