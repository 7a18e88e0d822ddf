/// No window is opened for a program here.
pub(crate) fn leave_if_alone() {}
