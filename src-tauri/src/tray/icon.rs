use wire::Status;

use super::is_not_set_up;

/// The picture that stands for how things are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Icon {
    /// Nothing is asked of anybody.
    Idle,
    /// Somebody is signed in, and programs are served.
    Active,
    /// Something is under way.
    Working,
    /// A person is needed.
    Attention,
    /// The agent or the identity provider is away.
    Offline,
}

impl Icon {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] = [Self::Idle, Self::Active, Self::Working, Self::Attention, Self::Offline];

    /// The picture for this Status; for none where no agent answers.
    pub(crate) fn of(status: Option<&Status>) -> Self {
        let Some(status) = status.filter(|status| status.agent.running) else { return Self::Offline };
        let reason = status.session.reason.as_deref();
        let wanted = status.servers.iter().any(|server| server.state == "needs-user");
        match status.session.state.as_str() {
            "unconfigured" if is_not_set_up(status) => Self::Idle,
            "signed-out" if reason == Some("user") => Self::Idle,
            "signing-in" => Self::Working,
            "vault-closed" if reason == Some("opening") => Self::Working,
            "waiting" => Self::Offline,
            "active" | "renewing" if status.agent.paused || status.agent.screen_locked => Self::Idle,
            "active" | "renewing" if wanted => Self::Attention,
            "active" => Self::Active,
            "renewing" => Self::Working,
            _ => Self::Attention,
        }
    }
}
