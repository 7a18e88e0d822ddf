pub(super) use super::unix::open;

pub(super) const OPENERS: [&str; 4] = ["xdg-open", "x-www-browser", "sensible-browser", "gio open"];
