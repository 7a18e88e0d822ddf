//! Room 4: who is asking, may they, here it is.
