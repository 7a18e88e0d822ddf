//! Room 2: one employee, one sign-in, kept alive.
