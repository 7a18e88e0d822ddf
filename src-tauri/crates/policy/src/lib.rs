//! Room 1: what IT said.
//!
//! One table, [`catalogue`], defines every setting. A source reads files into a [`layer::Layer`], [`merge`] lets the
//! last layer win per setting, and the result is one immutable [`Policy`] in which every value is typed and bounded,
//! every bad one is a [`SettingFault`](wire::SettingFault) of that one setting, and an identity in doubt is closed (LI-55).
//!
//! ```
//! # use lanyard_policy as policy;
//! let policy = policy::check(
//!     "example.json",
//!     br#"{
//!         "Issuer": "https://acme.okta.com",
//!         "ClientId": "0oa1lanyard",
//!         "MonthlyMintBudget": "many",
//!         "Servers": { "wiki": { "url": "https://mcp.wiki.acme.example/mcp", "readOnly": true } }
//!     }"#,
//! );
//!
//! assert_eq!(policy.identity.as_ref().unwrap().issuer, "https://acme.okta.com");
//! assert!(policy.servers["wiki"].contained());
//! assert_eq!(policy.faults[0].setting.as_deref(), Some("MonthlyMintBudget"));
//! assert_eq!(policy.exchange.monthly_mint_budget, 250);
//! ```
//!
//! An agent follows the policy instead of reading it once: [`watch::follow`].

pub mod catalogue;
pub mod change;
mod fault;
pub mod kinds;
pub mod layer;
pub mod merge;
mod policy;
mod reader;
mod server;
pub mod source;
mod table;
pub mod watch;

pub use kinds::{
    Account, AssertionAudience, AssertionReuse, AuditIdentity, AutoSignIn, ClientAuthentication, LogLevel, OnScreenLock, Program,
    ProgramRule, Prompt, RedirectHost, Route, Send, Sink, SubjectTokenKind, Tools, VaultFallback,
};
pub use policy::{Appearance, Audit, Closed, Doors, Exchange, Identity, Network, Policy, Proxy, Session};
pub use reader::{Reader, check, check_file, judge};
pub use server::Server;
pub use source::{Roots, Untrusted};
