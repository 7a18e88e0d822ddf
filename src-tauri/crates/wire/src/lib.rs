//! What both sides of a door share: requests, replies, faults with their sentences, where the socket is, a small client.
