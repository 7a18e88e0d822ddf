use std::path::PathBuf;

use super::{Customs, Environment};

pub(super) fn current(variable: impl Fn(&str) -> Option<PathBuf>) -> Environment {
    Environment { customs: Customs::MacOs, home: variable("HOME"), ..Environment::default() }
}
