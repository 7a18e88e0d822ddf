//! Room 3: the session's proof becomes a token for one server.
//!
//! Leg 2 is an RFC 8693 token exchange at the IdP that gives an ID-JAG; leg 3 is an RFC 7523 grant at the
//! resource's authorization server that gives the token. Neither ever opens a browser, and a refusal never
//! falls back to another way (MUST 40).

mod answer;
mod assertion;
mod budget;
mod cache;
pub mod classify;
mod client_auth;
mod config;
mod discovery;
mod error;
mod exchange;
mod flight;
pub mod inspect;
mod interactive;
mod memory;
mod mint;
mod mints;
mod redeem;
mod trail;
mod upstream;

pub use answer::{Refusal, Tried};
pub use cache::{Ask, Entry, Health, ServerState};
pub use config::{Config, Method, Route, Send, Server};
pub use discovery::{Challenge, DiscoveryError, Target, well_known, well_known_resource};
pub use error::{ExchangeError, Kind};
pub use exchange::Exchange;
pub use session::state::{Closed, Demand, Reason};
pub use session::{AssertionAudience, SessionError, SubjectKind};
pub use trail::{Step, StepName, Trail};
pub use upstream::{Doing, Hold, SubjectTokens};
