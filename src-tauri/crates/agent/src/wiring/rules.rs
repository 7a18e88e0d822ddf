use broker::{Pattern, Rules, ServerRule};
use policy::{Closed, Policy, Program};
use wire::Code;

/// What the doors admit. `paused` closes them; a closed policy closes them first.
pub(crate) fn rules(policy: &Policy, identity_is_usable: bool, paused: bool) -> Rules {
    let closed = match &policy.identity {
        Err(Closed::NotConfigured) => Some(Code::NotConfigured),
        Err(Closed::Faulty { .. }) => Some(Code::PolicyFault),
        Ok(_) if !identity_is_usable => Some(Code::PolicyFault),
        Ok(_) if paused => Some(Code::DoorClosed),
        Ok(_) => None,
    };
    Rules {
        closed,
        token_door: policy.doors.token_door,
        allowed: policy.doors.allowed_programs.as_deref().map(patterns),
        blocked: patterns(&policy.doors.blocked_programs),
        servers: policy.servers.iter().map(|(id, server)| (id.clone(), rule(server))).collect(),
        contact: policy.appearance.support_contact.clone(),
        sign_out: policy.appearance.allow_sign_out,
    }
}

fn rule(server: &policy::Server) -> ServerRule {
    ServerRule {
        title: server.name().to_owned(),
        url: server.url.clone(),
        contact: server.contact.clone(),
        allowed: server.allowed_programs.as_deref().map(patterns),
        contained: server.contained(),
    }
}

/// Policy judged the entries; one that is no pattern after all matches nothing.
fn patterns(programs: &[Program]) -> Vec<Pattern> {
    let text = |program: &Program| match program {
        Program::Path(path) => path.clone(),
        Program::Publisher(name) => format!("publisher:{name}"),
        Program::Team(id) => format!("team:{id}"),
    };
    programs.iter().filter_map(|program| Pattern::parse(&text(program)).ok()).collect()
}
