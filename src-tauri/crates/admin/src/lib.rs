//! What administrators deploy: one policy in the form of each tool, and the files that describe policy to those tools.
//!
//! Everything here is made from [`policy::catalogue`] and read back by [`policy::source`], so that no two forms can come
//! to mean different things.

pub mod admx;
pub mod examples;
pub mod export;
pub mod import;
pub mod manifest;
pub mod reference;
pub mod schema;
pub mod words;
mod xml;
