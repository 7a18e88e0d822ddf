use std::path::PathBuf;

use crate::call::Call;

/// `lanyard run`: this process becomes the agent.
pub(crate) fn run(policy: Option<PathBuf>, call: &Call) -> u8 {
    crate::console::leave_if_alone();
    let options = agent::Options { policy_file: policy, socket: call.named.clone(), ..agent::Options::default() };
    agent::run(options).map_or_else(|refusal| refusal.code(), |()| 0)
}
