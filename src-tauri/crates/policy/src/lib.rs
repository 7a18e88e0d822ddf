//! Room 1: what IT said.
