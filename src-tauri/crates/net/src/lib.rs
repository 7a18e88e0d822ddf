//! The only HTTP client: operating system trust store, proxy, time limits, body caps, back-off.
