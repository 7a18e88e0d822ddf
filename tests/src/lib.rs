//! The sandbox: a self-contained stand-in for an enterprise.
