//! The broker over real sockets: hostile callers at both doors, and what each route says.

#[cfg(test)]
mod doors;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod world;
