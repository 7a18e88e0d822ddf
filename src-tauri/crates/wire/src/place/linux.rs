use std::path::PathBuf;

use super::{Customs, Environment};

pub(super) fn current(variable: impl Fn(&str) -> Option<PathBuf>) -> Environment {
    Environment {
        customs: Customs::Xdg,
        runtime: variable("XDG_RUNTIME_DIR"),
        state: variable("XDG_STATE_HOME"),
        data: variable("XDG_DATA_HOME"),
        home: variable("HOME"),
        user: None,
    }
}
