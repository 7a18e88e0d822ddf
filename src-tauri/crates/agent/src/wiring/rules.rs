use std::sync::Arc;

use broker::{Bounds, Containment, Pattern, Rules, ServerRule, ToolPattern};
use policy::{Policy, Program, Tools};
use wire::Code;

/// What the doors admit. `paused` closes them; an identity that cannot be used closes them first.
pub(crate) fn rules(policy: &Policy, client: net::Client, unusable: Option<Code>, paused: bool) -> Rules {
    Rules {
        closed: unusable.or(paused.then_some(Code::DoorClosed)),
        token_door: policy.doors.token_door,
        allowed: policy.doors.allowed_programs.as_deref().map(patterns),
        blocked: patterns(&policy.doors.blocked_programs),
        servers: policy.servers.iter().map(|(id, server)| (id.clone(), rule(server))).collect(),
        contact: policy.appearance.support_contact.clone(),
        sign_out: policy.appearance.allow_sign_out,
        client,
    }
}

fn rule(server: &policy::Server) -> ServerRule {
    ServerRule {
        title: server.name().to_owned(),
        url: server.url.clone(),
        contact: server.contact.clone(),
        allowed: server.allowed_programs.as_deref().map(patterns),
        containment: server.contained().then(|| Arc::new(containment(server))),
        authorized: server.route != policy::Route::None,
        enterprise: server.route == policy::Route::IdJag,
        reach: net::Reach::of([server.url.as_str()]),
    }
}

/// Policy judged the patterns; one that is none after all allows nothing.
fn containment(server: &policy::Server) -> Containment {
    let programs = server.programs.iter().flatten().filter_map(|rule| {
        let pattern = patterns(std::slice::from_ref(&rule.program)).pop()?;
        Some((pattern, bounds(rule.tools.as_ref(), rule.read_only)))
    });
    Containment { all: bounds(server.tools.as_ref(), server.read_only), programs: programs.collect() }
}

fn bounds(tools: Option<&Tools>, read_only: bool) -> Bounds {
    let read = |texts: &[String]| texts.iter().filter_map(|text| ToolPattern::parse(text).ok()).collect::<Vec<_>>();
    let Some(tools) = tools else { return Bounds { read_only, ..Bounds::default() } };
    let deny = read(&tools.deny);
    let unreadable = deny.len() < tools.deny.len();
    let allow = if unreadable { Some(Vec::new()) } else { tools.allow.as_deref().map(read) };
    Bounds { allow, deny, read_only }
}

/// Policy judged the entries; one that is no pattern after all matches nothing.
fn patterns(programs: &[Program]) -> Vec<Pattern> {
    let text = |program: &Program| match program {
        Program::Path(path) => path.clone(),
        Program::Publisher(name) => format!("publisher:{name}"),
        Program::Team(id) => format!("team:{id}"),
        Program::Application(name) => name.clone(),
    };
    programs.iter().filter_map(|program| Pattern::parse(&text(program)).ok()).collect()
}
