//! The program as a person or another program runs it, against an agent that answers what it is told.

#[cfg(test)]
mod fake;
#[cfg(test)]
mod people;
#[cfg(test)]
mod programs;
