use std::path::PathBuf;

use super::{Customs, Environment};

pub(super) fn current(variable: impl Fn(&str) -> Option<PathBuf>) -> Environment {
    let (data, home) = (variable("LOCALAPPDATA"), variable("USERPROFILE"));
    Environment { customs: Customs::Windows, data, home, ..Environment::default() }
}
