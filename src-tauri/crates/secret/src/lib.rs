//! Values that must not leak: masked, wiped, with one deliberate way to expose them.
