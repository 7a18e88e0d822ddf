use std::process::Command;

/// Nothing is ever seen of a program that shows nothing.
pub(super) fn unseen(command: &mut Command) -> &mut Command {
    command
}
