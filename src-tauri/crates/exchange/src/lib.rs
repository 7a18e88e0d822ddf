//! Room 3: the session's proof becomes a token for one server.
