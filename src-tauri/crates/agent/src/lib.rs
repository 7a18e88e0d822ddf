//! The rooms wired together, without a display.
